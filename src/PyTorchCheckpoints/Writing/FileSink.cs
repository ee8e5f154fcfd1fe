using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace PyTorchCheckpoints;

/// <summary>Writes a file from its beginning to its end: small pieces are gathered, large ones go to the file as they are.</summary>
internal sealed class FileSink : IDisposable
{
    private const int BufferBytes = 1 << 20;
    private const int PortionBytes = 4 << 20;

    private readonly SafeFileHandle _handle;
    private readonly bool _flushes;
    private readonly IncrementalHash? _hash;
    private readonly Action<long> _onWritten;
    private readonly CancellationToken _cancellationToken;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
    private int _buffered;
    private long _written;

    public FileSink(SafeFileHandle handle, CheckpointWriteOptions options, Action<long> onWritten, CancellationToken cancellationToken)
    {
        _handle = handle;
        _flushes = options.FlushToDisk;
        _hash = options.ComputeSha256 ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
        _onWritten = onWritten;
        _cancellationToken = cancellationToken;
    }

    /// <summary>Where the next byte goes.</summary>
    public long Position => _written + _buffered;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length >= BufferBytes - _buffered)
        {
            Flush();
            while (bytes.Length >= BufferBytes)
            {
                int length = Math.Min(bytes.Length, PortionBytes);
                WritePortion(bytes[..length]);
                bytes = bytes[length..];
            }
        }

        bytes.CopyTo(_buffer.AsSpan(_buffered));
        _buffered += bytes.Length;
    }

    /// <summary>Writes what is gathered.</summary>
    public void Flush()
    {
        if (_buffered > 0)
        {
            WritePortion(_buffer.AsSpan(0, _buffered));
            _buffered = 0;
        }
    }

    /// <summary>The hash of all that was written; null when none was asked for.</summary>
    public string? FinishHash() => _hash is null ? null : Convert.ToHexStringLower(_hash.GetHashAndReset());

    public void Dispose()
    {
        _hash?.Dispose();
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
    }

    private unsafe void WritePortion(ReadOnlySpan<byte> portion)
    {
        _cancellationToken.ThrowIfCancellationRequested();

        // The span must not move or end before both are through with it.
        fixed (byte* start = portion)
        {
            byte* address = start;
            int length = portion.Length;
            Task hashing = _hash is null ? Task.CompletedTask : Task.Run(() => _hash.AppendData(new ReadOnlySpan<byte>(address, length)));
            try
            {
                RandomAccess.Write(_handle, portion, _written);
            }
            finally
            {
                hashing.GetAwaiter().GetResult();
            }
        }

        if (_flushes)
        {
            NativeFileSystem.BeginWriteback(_handle, _written, portion.Length);
        }

        _written += portion.Length;
        _onWritten(_written);
    }
}
