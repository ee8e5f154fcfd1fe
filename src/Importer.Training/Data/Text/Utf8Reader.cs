using Microsoft.Win32.SafeHandles;
using SharedSource.Text;

namespace Importer.Training.Data;

/// <summary>
/// Reads a file's text as Python's <c>open(path, encoding="utf-8")</c> does, block by block: every ending of a line becomes <c>\n</c>, a
/// byte order mark stays, and what is no UTF-8 is an error that says where.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="pass">Is told what is read.</param>
/// <param name="replaceInvalid">Whether what is no UTF-8 becomes U+FFFD, one for each maximal part, instead of an error.</param>
internal sealed class Utf8Reader(string path, TextPass pass, bool replaceInvalid) : Utf8BlockReader(BlockSize, replaceInvalid)
{
    private const int BlockSize = 128 << 10;

    private readonly SafeFileHandle _handle = TextPass.Open(path);
    private bool _afterReturn;

    protected override int ReadBytes(Span<byte> buffer, long offset) => pass.Read(_handle, buffer, offset);

    protected override Exception Invalid(byte value, long offset) => new InvalidTextException(
        path, $"0x{value:X2} is no UTF-8 there", offset, null,
        "Is it text? Convert it to UTF-8 (iconv), or have such bytes replaced by U+FFFD with import-weights prepare --replace-invalid.");

    protected override int Edit(Span<char> text, bool isFirst)
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

    protected override void Dispose(bool disposing)
    {
        _handle.Dispose();
        base.Dispose(disposing);
    }
}
