using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace PyTorchCheckpoints;

/// <summary>Writes a file from its beginning to its end, in portions: one is written and hashed while the caller makes the next.</summary>
internal sealed class FileSink : IDisposable
{
    /// <summary>Small enough to be in a cache still when it is written, large enough for handing it over to cost nothing beside it.</summary>
    private const int PortionBytes = 1 << 20;

    private readonly SafeFileHandle _handle;
    private readonly bool _flushes;
    private readonly IncrementalHash? _hash;
    private readonly Action<long> _onWritten;
    private readonly CancellationToken _cancellationToken;
    private byte[] _current = ArrayPool<byte>.Shared.Rent(PortionBytes);
    private byte[] _other = ArrayPool<byte>.Shared.Rent(PortionBytes);
    private Task _writing = Task.CompletedTask;
    private int _filled;
    private long _passed;

    /// <param name="handle">The file, empty.</param>
    /// <param name="options">Whether to hash, and whether the file is flushed at the end, so that writing back had better begin early.</param>
    /// <param name="onWritten">Told how far the file is written; on any thread, one call at a time.</param>
    /// <param name="cancellationToken">Ends the writing between portions.</param>
    public FileSink(SafeFileHandle handle, CheckpointWriteOptions options, Action<long> onWritten, CancellationToken cancellationToken)
    {
        _handle = handle;
        _flushes = options.FlushToDisk;
        _hash = options.ComputeSha256 ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
        _onWritten = onWritten;
        _cancellationToken = cancellationToken;
    }

    /// <summary>Where the next byte goes.</summary>
    public long Position => _passed + _filled;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int count = Math.Min(bytes.Length, PortionBytes - _filled);
            bytes[..count].CopyTo(_current.AsSpan(_filled));
            _filled += count;
            bytes = bytes[count..];
            if (_filled == PortionBytes)
            {
                Pass();
            }
        }
    }

    /// <summary>Waits until everything is written.</summary>
    public void Flush()
    {
        if (_filled > 0)
        {
            Pass();
        }

        Join();
    }

    /// <summary>The hash of all that was written; null when none was asked for.</summary>
    public string? FinishHash() => _hash is null ? null : Convert.ToHexStringLower(_hash.GetHashAndReset());

    public void Dispose()
    {
        // Whoever ends early has its own exception; the portion on its way still needs the file and its memory.
        ((IAsyncResult)_writing).AsyncWaitHandle.WaitOne();
        _hash?.Dispose();
        foreach (byte[] memory in new[] { _current, _other })
        {
            if (memory.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(memory);
            }
        }

        (_current, _other) = ([], []);
    }

    // Hands the current portion on and goes on with the other one.
    private void Pass()
    {
        Join();
        _cancellationToken.ThrowIfCancellationRequested();
        (byte[] memory, int length, long position) = (_current, _filled, _passed);
        (_current, _other) = (_other, _current);
        (_filled, _passed) = (0, position + length);
        _writing = Task.Run(() => WritePortion(memory, length, position), CancellationToken.None);
    }

    private void Join()
    {
        Task writing = _writing;
        _writing = Task.CompletedTask;
        writing.GetAwaiter().GetResult();
    }

    private void WritePortion(byte[] memory, int length, long position)
    {
        Task hashing = _hash is null ? Task.CompletedTask : Task.Run(() => _hash.AppendData(memory, 0, length));
        try
        {
            RandomAccess.Write(_handle, memory.AsSpan(0, length), position);
        }
        finally
        {
            hashing.GetAwaiter().GetResult();
        }

        if (_flushes)
        {
            NativeFileSystem.BeginWriteback(_handle, position, length);
        }

        _onWritten(position + length);
    }
}
