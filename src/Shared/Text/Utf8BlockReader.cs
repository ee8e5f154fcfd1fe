using System.Buffers;
using System.Text.Unicode;

namespace SharedSource.Text;

/// <summary>
/// Decodes UTF-8 in blocks. What is none is not replaced in silence, as .NET's own readers do: the text before it is read, and then
/// follows an exception that can say where it is.
/// </summary>
/// <param name="blockSize">How many bytes are read at a time.</param>
/// <param name="replaceInvalid">Whether what is no UTF-8 becomes U+FFFD, one for each maximal part, instead of an exception.</param>
internal abstract class Utf8BlockReader(int blockSize, bool replaceInvalid) : TextReader
{
    private readonly byte[] _bytes = new byte[blockSize];
    private readonly char[] _chars = new char[blockSize]; // no byte decodes to more than one char
    private int _byteCount;
    private int _charCount;
    private int _charAt;
    private long _offset; // of the first byte in the buffer
    private bool _isInvalid; // that byte
    private bool _ended;

    public override int Peek() => HasChars() ? _chars[_charAt] : -1;

    public override int Read() => HasChars() ? _chars[_charAt++] : -1;

    public override int Read(char[] buffer, int index, int count) => Read(buffer.AsSpan(index, count));

    public override int Read(Span<char> buffer)
    {
        if (buffer.IsEmpty || !HasChars())
        {
            return 0;
        }

        int count = Math.Min(buffer.Length, _charCount - _charAt);
        _chars.AsSpan(_charAt, count).CopyTo(buffer);
        _charAt += count;
        return count;
    }

    public override int ReadBlock(Span<char> buffer)
    {
        int done = 0;
        while (done < buffer.Length && Read(buffer[done..]) is > 0 and var read)
        {
            done += read;
        }

        return done;
    }

    /// <summary>Reads the next bytes.</summary>
    /// <param name="buffer">Takes them.</param>
    /// <param name="offset">How many were read before.</param>
    /// <returns>How many; 0 at the end.</returns>
    protected abstract int ReadBytes(Span<byte> buffer, long offset);

    /// <summary>What is thrown at a byte that is no UTF-8.</summary>
    protected abstract Exception Invalid(byte value, long offset);

    /// <summary>Changes decoded text in place; it may only become shorter.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isFirst">Whether it is the beginning.</param>
    /// <returns>How much of it is left.</returns>
    protected abstract int Edit(Span<char> text, bool isFirst);

    private bool HasChars()
    {
        while (_charAt == _charCount)
        {
            if (_isInvalid)
            {
                throw Invalid(_bytes[0], _offset);
            }

            if (_ended)
            {
                return false;
            }

            Fill();
        }

        return true;
    }

    private void Fill()
    {
        int read = ReadBytes(_bytes.AsSpan(_byteCount), _offset + _byteCount);
        _ended = read == 0;
        _byteCount += read;
        var status = Utf8.ToUtf16(_bytes.AsSpan(0, _byteCount), _chars, out int consumed, out int written, replaceInvalid, isFinalBlock: _ended);
        _isInvalid = status == OperationStatus.InvalidData;
        _charAt = 0;
        _charCount = Edit(_chars.AsSpan(0, written), isFirst: _offset == 0);
        _bytes.AsSpan(consumed, _byteCount - consumed).CopyTo(_bytes);
        _byteCount -= consumed;
        _offset += consumed;
    }
}
