using System.Buffers;
using System.Text.Unicode;
using Microsoft.Win32.SafeHandles;

namespace Importer.Training.Data;

/// <summary>
/// Reads a file's text as Python's <c>open(path, encoding="utf-8")</c> does, block by block: every ending of a line becomes <c>\n</c>, a
/// byte order mark stays, and what is no UTF-8 is an error that says where.
/// </summary>
internal sealed class Utf8Reader : TextReader
{
    private const int BlockSize = 128 << 10;

    private readonly string _path;
    private readonly SafeFileHandle _handle;
    private readonly TextPass _pass;
    private readonly bool _replaceInvalid;
    private readonly byte[] _bytes = new byte[BlockSize];
    private readonly char[] _chars = new char[BlockSize + 1]; // no byte decodes to more than one char
    private int _byteCount;
    private int _charCount;
    private int _charAt;
    private long _offset; // of the first byte in the buffer
    private bool _afterReturn;
    private bool _ended;

    /// <param name="path">The file.</param>
    /// <param name="pass">Is told what is read.</param>
    /// <param name="replaceInvalid">Whether what is no UTF-8 becomes U+FFFD, one for each maximal part, instead of an error.</param>
    public Utf8Reader(string path, TextPass pass, bool replaceInvalid)
    {
        _path = path;
        _pass = pass;
        _replaceInvalid = replaceInvalid;
        _handle = TextPass.Open(path);
    }

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

    protected override void Dispose(bool disposing)
    {
        _handle.Dispose();
        base.Dispose(disposing);
    }

    private bool HasChars()
    {
        while (_charAt == _charCount)
        {
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
        int read = _pass.Read(_handle, _bytes.AsSpan(_byteCount), _offset + _byteCount);
        _byteCount += read;
        _ended = read == 0;
        var status = Utf8.ToUtf16(
            _bytes.AsSpan(0, _byteCount), _chars, out int consumed, out int written, _replaceInvalid, isFinalBlock: _ended);
        if (status == OperationStatus.InvalidData)
        {
            throw new InvalidTextException(
                _path, $"0x{_bytes[consumed]:X2} is no UTF-8 there", _offset + consumed, null,
                "Is it text? Convert it to UTF-8 (iconv), or have such bytes replaced by U+FFFD with import-weights prepare --replace-invalid.");
        }

        _bytes.AsSpan(consumed, _byteCount - consumed).CopyTo(_bytes);
        _byteCount -= consumed;
        _offset += consumed;
        _charAt = 0;
        _charCount = EndLines(_chars.AsSpan(0, written));
    }

    // In place; the text only becomes shorter.
    private int EndLines(Span<char> text)
    {
        if (!_afterReturn && !text.Contains('\r'))
        {
            return text.Length;
        }

        int count = 0;
        foreach (char c in text)
        {
            if (!(_afterReturn && c == '\n'))
            {
                text[count++] = c == '\r' ? '\n' : c;
            }

            _afterReturn = c == '\r';
        }

        return count;
    }
}
