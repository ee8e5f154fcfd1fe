using System.Buffers.Binary;

namespace PyTorchCheckpoints;

/// <summary>Reads a range of a file from its beginning to its end, through a small buffer; computes its CRC-32 on the way.</summary>
internal sealed class ByteInput
{
    private const int BufferBytes = 64 << 10;

    private readonly ByteSource _source;
    private readonly long _end;
    private byte[] _buffer;
    private long _bufferStart;
    private int _next;
    private int _filled;

    /// <param name="source">The file.</param>
    /// <param name="start">The range's first byte.</param>
    /// <param name="end">The byte after the range.</param>
    public ByteInput(ByteSource source, long start, long end)
    {
        _source = source;
        _bufferStart = start;
        _end = end;
        _buffer = new byte[(int)Math.Min(BufferBytes, end - start)];
    }

    /// <summary>The position in the file of the next byte.</summary>
    public long Position => _bufferStart + _next;

    /// <summary>How many bytes of the range are left.</summary>
    public long Remaining => _end - Position;

    public string? Path => _source.Path;

    /// <summary>The checksum of what was read from the file so far, which at the range's end is that of the range.</summary>
    public uint Crc { get; private set; }

    /// <summary>The next byte, or -1 at the end of the range.</summary>
    public int ReadByte()
    {
        if (_next == _filled && !Fill(1))
        {
            return -1;
        }

        return _buffer[_next++];
    }

    /// <summary>The next bytes, which stay valid until the next call.</summary>
    /// <returns>False, and nothing read, when the range has fewer.</returns>
    public bool TryRead(int count, out ReadOnlySpan<byte> bytes)
    {
        if (_filled - _next < count && !Fill(count))
        {
            bytes = default;
            return false;
        }

        bytes = _buffer.AsSpan(_next, count);
        _next += count;
        return true;
    }

    /// <summary>The next bytes, which must be there.</summary>
    public ReadOnlySpan<byte> Read(int count) =>
        TryRead(count, out ReadOnlySpan<byte> bytes) ? bytes : throw Ended();

    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Read(2));

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Read(4));

    /// <summary>What to throw when a part begins in the range and does not end in it.</summary>
    public CheckpointFormatException Ended() => new(
        CheckpointErrorKind.Truncated, "The file, or a part of it, ends in the middle of something",
        "It is cut or damaged; fetch it again.", Path, _end);

    private bool Fill(int count)
    {
        if (count > Remaining)
        {
            return false;
        }

        int left = _filled - _next;
        byte[] target = count <= _buffer.Length ? _buffer : new byte[count];
        Buffer.BlockCopy(_buffer, _next, target, 0, left);
        _bufferStart += _next;
        _next = 0;
        _buffer = target;
        int wanted = (int)Math.Min(target.Length, _end - _bufferStart);
        Span<byte> fresh = target.AsSpan(left, wanted - left);
        _source.ReadExactly(fresh, _bufferStart + left);
        Crc = Crc32.Append(Crc, fresh);
        _filled = wanted;
        return true;
    }
}
