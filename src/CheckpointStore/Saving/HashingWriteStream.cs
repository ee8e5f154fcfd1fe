using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using SharedSource.IO;

namespace CheckpointStorage.Saving;

/// <summary>
/// What a file's source writes to. A full portion is written, SHA-256-hashed and MD5-hashed by three threads while the source makes
/// the next; a file of one portion needs none of them. Four portions are on their way at most.
/// </summary>
internal sealed class HashingWriteStream : WriteOnlyStream
{
    private const int Portions = 4;

    private readonly IO.IStoreFileWriter _file;
    private readonly Action<int> _onWritten;
    private readonly SavePace? _pace;
    private readonly CancellationToken _cancellationToken;
    private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
#pragma warning disable CA5351 // A second checksum that users' tools expect; nothing relies on it.
    private readonly IncrementalHash _md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351
    private readonly BlockingCollection<Portion> _free = [];
    private readonly BlockingCollection<Portion>[] _queues = [[], [], []];
    private readonly Task[] _consumers = [Task.CompletedTask, Task.CompletedTask, Task.CompletedTask];
    private readonly long[] _hashTicks = new long[2];
    private Portion _current = new();
    private int _made = 1;
    private bool _started;
    private volatile ExceptionDispatchInfo? _failure;

    /// <param name="file">Where the bytes go; flushed and closed by the owner.</param>
    /// <param name="onWritten">Told of bytes once they are written; on any thread, one call at a time.</param>
    /// <param name="pace">Makes the threads rest after each portion; null for none.</param>
    /// <param name="cancellationToken">Ends the writing between portions.</param>
    public HashingWriteStream(IO.IStoreFileWriter file, Action<int> onWritten, SavePace? pace, CancellationToken cancellationToken)
    {
        _file = file;
        _onWritten = onWritten;
        _pace = pace;
        _cancellationToken = cancellationToken;
    }

    /// <summary>The time that the slower of the two hashes took.</summary>
    public TimeSpan HashTime => Stopwatch.GetElapsedTime(0, Math.Max(_hashTicks[0], _hashTicks[1]));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        while (!buffer.IsEmpty)
        {
            if (_current.Room.IsEmpty)
            {
                Pass();
            }

            int count = Math.Min(_current.Room.Length, buffer.Length);
            buffer[..count].CopyTo(_current.Room);
            _current.Length += count;
            Written += count;
            buffer = buffer[count..];
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Waits until everything is written and hashed; the source must have ended.</summary>
    public CheckpointFileInfo Complete(string name)
    {
        IsClosed = true;
        if (_current.Length > 0)
        {
            if (_started)
            {
                Pass();
            }
            else
            {
                _cancellationToken.ThrowIfCancellationRequested();
                WritePortion(_current);
                Hash(_current, 0, _sha256);
                Hash(_current, 1, _md5);
            }
        }

        Join();
        _failure?.Throw();
        _cancellationToken.ThrowIfCancellationRequested();
        return new CheckpointFileInfo(
            name, Written, Convert.ToHexStringLower(_sha256.GetHashAndReset()), Convert.ToHexStringLower(_md5.GetHashAndReset()));
    }

    protected override void Dispose(bool disposing)
    {
        // A source that closes the stream only ends its own writing.
        IsClosed = true;
        base.Dispose(disposing);
    }

    /// <summary>Ends the threads; what is on its way is still written.</summary>
    public void Release()
    {
        Join();
        _sha256.Dispose();
        _md5.Dispose();
        _free.Dispose();
        foreach (BlockingCollection<Portion> queue in _queues)
        {
            queue.Dispose();
        }
    }

    private void Pass()
    {
        _failure?.Throw();
        _cancellationToken.ThrowIfCancellationRequested();
        Start();
        Portion full = _current;
        full.Lend(_queues.Length);
        foreach (BlockingCollection<Portion> queue in _queues)
        {
            queue.Add(full, CancellationToken.None);
        }

        // Always comes: the other threads give every portion back, whatever happens.
        _current = _made++ < Portions ? new Portion() : _free.Take(CancellationToken.None);
        _current.Length = 0;
    }

    private void Start()
    {
        if (_started)
        {
            return;
        }

        _started = true;
        Action<Portion>[] work = [WritePortion, portion => Hash(portion, 0, _sha256), portion => Hash(portion, 1, _md5)];
        for (int i = 0; i < work.Length; i++)
        {
            (BlockingCollection<Portion> queue, Action<Portion> action) = (_queues[i], work[i]);
            _consumers[i] = Task.Factory.StartNew(
                () => Consume(queue, action), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
    }

    private void Consume(BlockingCollection<Portion> portions, Action<Portion> work)
    {
        foreach (Portion portion in portions.GetConsumingEnumerable(CancellationToken.None))
        {
            long start = Stopwatch.GetTimestamp();
            try
            {
                if (_failure is null && !_cancellationToken.IsCancellationRequested)
                {
                    work(portion);
                }
            }
            catch (Exception e)
            {
                _failure ??= ExceptionDispatchInfo.Capture(e); // thrown on the source's thread, at its next step
            }

            if (portion.Release())
            {
                _free.Add(portion, CancellationToken.None);
            }

            if (_failure is null)
            {
                _pace?.Rest(start, _cancellationToken);
            }
        }
    }

    private void WritePortion(Portion portion)
    {
        _file.Write(portion.Filled);
        _onWritten(portion.Length);
        IO.CrashPoint.Reach(IO.CrashPoint.MidFile);
    }

    private void Hash(Portion portion, int which, IncrementalHash hash)
    {
        long start = Stopwatch.GetTimestamp();
        hash.AppendData(portion.Filled);
        _hashTicks[which] += Stopwatch.GetTimestamp() - start;
    }

    private void Join()
    {
        foreach (BlockingCollection<Portion> queue in _queues)
        {
            if (!queue.IsAddingCompleted)
            {
                queue.CompleteAdding();
            }
        }

        Task.WaitAll(_consumers, CancellationToken.None);
    }
}
