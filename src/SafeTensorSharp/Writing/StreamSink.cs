using System.Buffers;
using SharedSource.IO;

namespace SafeTensorSharp;

/// <summary>A stream of the caller's that takes what is made for it.</summary>
internal sealed class StreamSink(Stream stream, CancellationToken cancellationToken) : IByteSink, IDisposable
{
    private byte[] _lent = [];

    public Memory<byte> GetMemory(int sizeHint)
    {
        if (_lent.Length < Math.Max(sizeHint, 1))
        {
            Dispose();
            _lent = ArrayPool<byte>.Shared.Rent(Math.Max(sizeHint, FileSink.PortionBytes));
        }

        return _lent;
    }

    public void Advance(int count) => Write(_lent.AsSpan(0, count));

    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ReadOnlySpan<byte> portion = bytes[..Math.Min(bytes.Length, FileSink.PortionBytes)];
            stream.Write(portion);
            bytes = bytes[portion.Length..];
        }
    }

    public void Dispose()
    {
        if (_lent.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_lent);
            _lent = [];
        }
    }
}
