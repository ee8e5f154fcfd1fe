using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace SharedSource.IO;

/// <summary>
/// Writes a file from its beginning to its end. What is to be written is made in portions of memory that the sink lends; a full one is
/// written by a second thread and hashed by a third while the caller makes the next. A file of one portion needs neither thread.
/// </summary>
internal sealed class FileSink : IByteSink, IDisposable
{
    /// <summary>Small enough to be in a cache still when the next thread takes it, large enough for a call to cost nothing beside it.</summary>
    public const int PortionBytes = 1 << 20;

    private const int PortionCount = 8;

    private readonly SafeFileHandle _handle;
    private readonly bool _flushes;
    private readonly IncrementalHash? _hash;
    private readonly Action<long, string?> _onWritten;
    private readonly CancellationToken _cancellationToken;
    private readonly BlockingCollection<FilePortion> _free = [];
    private readonly BlockingCollection<FilePortion> _toWrite = [];
    private readonly BlockingCollection<FilePortion> _toHash = [];
    private Task _writing = Task.CompletedTask;
    private Task _hashing = Task.CompletedTask;
    private bool _started;
    private FilePortion _current = new();
    private int _made = 1;
    private long _position;
    private volatile ExceptionDispatchInfo? _failure;

    /// <param name="handle">The file, empty.</param>
    /// <param name="computeSha256">Whether <see cref="Complete"/> returns a hash.</param>
    /// <param name="flushes">Whether the file is flushed at the end, so that writing back had better begin early.</param>
    /// <param name="onWritten">Told how far the file is written, and what <see cref="Label"/> was there; on any thread, one call at a time.</param>
    /// <param name="cancellationToken">Ends the writing between portions.</param>
    public FileSink(
        SafeFileHandle handle, bool computeSha256, bool flushes, Action<long, string?> onWritten, CancellationToken cancellationToken)
    {
        _handle = handle;
        _flushes = flushes;
        _hash = computeSha256 ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
        _onWritten = onWritten;
        _cancellationToken = cancellationToken;
    }

    /// <summary>What is being written, for the report.</summary>
    public string? Label { get; set; }

    /// <summary>Memory to make the next bytes in.</summary>
    /// <param name="sizeHint">At least so many bytes.</param>
    public Memory<byte> GetMemory(int sizeHint)
    {
        int wanted = Math.Max(1, sizeHint);
        if (_current.Room < wanted && _current.Length > 0)
        {
            Pass();
        }

        _current.Grow(wanted);
        return _current.Rest;
    }

    /// <summary>Takes as written the first bytes of what <see cref="GetMemory"/> lent last.</summary>
    public void Advance(int count) => _current.Length += count;

    /// <summary>Takes bytes that were made elsewhere.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            Span<byte> room = GetMemory(1).Span;
            int length = Math.Min(room.Length, bytes.Length);
            bytes[..length].CopyTo(room);
            Advance(length);
            bytes = bytes[length..];
        }
    }

    /// <summary>Waits until everything is written and hashed.</summary>
    /// <returns>The hash of all that was written; null when none was asked for.</returns>
    public string? Complete()
    {
        if (_current.Length > 0)
        {
            if (_started)
            {
                Pass();
            }
            else
            {
                _cancellationToken.ThrowIfCancellationRequested();
                _current.Position = 0;
                _current.Label = Label;
                WritePortion(_current);
                _hash?.AppendData(_current.Filled);
            }
        }

        Join();
        _failure?.Throw();
        _cancellationToken.ThrowIfCancellationRequested();
        return _hash is null ? null : Convert.ToHexStringLower(_hash.GetHashAndReset());
    }

    public void Dispose()
    {
        Join();
        _current.Return();
        while (_free.TryTake(out FilePortion? portion))
        {
            portion.Return();
        }

        _hash?.Dispose();
        _free.Dispose();
        _toWrite.Dispose();
        _toHash.Dispose();
    }

    // Hands the current portion on and takes another.
    private void Pass()
    {
        _failure?.Throw();
        _cancellationToken.ThrowIfCancellationRequested();
        Start();
        _current.Position = _position;
        _current.Label = Label;
        _current.Users = _hash is null ? 1 : 2;
        _position += _current.Length;
        FilePortion full = _current;
        _current = _made < PortionCount ? Made() : null!; // slack first: a thread that has to be woken costs more than memory
        if (_hash is not null)
        {
            _toHash.Add(full, CancellationToken.None);
        }

        _toWrite.Add(full, CancellationToken.None);
        _current ??= _free.Take(CancellationToken.None); // always comes: the other threads give every portion back, whatever happens
    }

    private FilePortion Made()
    {
        _made++;
        return new FilePortion();
    }

    private void Start()
    {
        if (_started)
        {
            return;
        }

        _started = true;
        _writing = Task.Factory.StartNew(
            () => Consume(_toWrite, WritePortion), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        if (_hash is not null)
        {
            _hashing = Task.Factory.StartNew(
                () => Consume(_toHash, portion => _hash.AppendData(portion.Filled)), CancellationToken.None, TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
        }
    }

    private void Consume(BlockingCollection<FilePortion> portions, Action<FilePortion> work)
    {
        foreach (FilePortion portion in portions.GetConsumingEnumerable(CancellationToken.None))
        {
            try
            {
                if (_failure is null && !_cancellationToken.IsCancellationRequested)
                {
                    work(portion);
                }
            }
            catch (Exception e)
            {
                _failure ??= ExceptionDispatchInfo.Capture(e); // thrown on the caller's thread, at its next step
            }

            if (portion.Release())
            {
                _free.Add(portion, CancellationToken.None);
            }
        }
    }

    private void WritePortion(FilePortion portion)
    {
        RandomAccess.Write(_handle, portion.Filled, portion.Position);
        if (_flushes)
        {
            DiskFlush.BeginWriteback(_handle, portion.Position, portion.Length);
        }

        _onWritten(portion.Position + portion.Length, portion.Label);
    }

    private void Join()
    {
        _toWrite.CompleteAdding();
        _toHash.CompleteAdding();
        Task.WaitAll([_writing, _hashing], CancellationToken.None);
    }
}
