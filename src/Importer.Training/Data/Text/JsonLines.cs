using System.Text;
using System.Text.Json;

namespace Importer.Training.Data;

/// <summary>Reads the texts out of a file of JSON lines: an object a line, of which one field counts.</summary>
internal sealed class JsonLines : IDisposable
{
    /// <summary>Longer than any document, shorter than what would be a defect: the file is no JSON lines.</summary>
    public const int LineLimit = 256 << 20;

    private const int BlockSize = 128 << 10;

    private static readonly JsonReaderOptions Options = new() { AllowMultipleValues = false, MaxDepth = 64 };

    private readonly string _path;
    private readonly string _field;
    private readonly bool _replaceInvalid;
    private readonly TextPass _pass;
    private readonly Microsoft.Win32.SafeHandles.SafeFileHandle _handle;
    private byte[] _buffer = new byte[BlockSize];
    private int _count;
    private int _at;
    private long _offset; // of the first byte in the buffer
    private long _line;
    private bool _ended;

    public JsonLines(string path, string field, TextPass pass, bool replaceInvalid)
    {
        _path = path;
        _field = field;
        _pass = pass;
        _replaceInvalid = replaceInvalid;
        _handle = TextPass.Open(path);
    }

    /// <summary>The texts, in order. Empty lines are passed over.</summary>
    /// <exception cref="InvalidTextException">A line is no JSON object with such a field.</exception>
    public IEnumerable<string> Texts()
    {
        while (NextLine() is { } line)
        {
            _line++;
            long offset = _offset + line.Start.Value;
            if (Parse(_buffer.AsSpan(line), offset) is { } text)
            {
                yield return text;
            }
        }
    }

    public void Dispose() => _handle.Dispose();

    private Range? NextLine()
    {
        for (int searched = _at; ;)
        {
            int end = _buffer.AsSpan(searched, _count - searched).IndexOf((byte)'\n');
            if (end >= 0 || _ended)
            {
                int start = _at, stop = end >= 0 ? searched + end : _count;
                _at = end >= 0 ? stop + 1 : _count;
                return end < 0 && start == stop ? null : start..stop;
            }

            searched = _count - _at;
            MoreBytes();
        }
    }

    private void MoreBytes()
    {
        _buffer.AsSpan(_at, _count - _at).CopyTo(_buffer);
        _offset += _at;
        _count -= _at;
        _at = 0;
        if (_count == _buffer.Length)
        {
            if (_buffer.Length >= LineLimit)
            {
                throw Broken($"the line is longer than {LineLimit >> 20} MiB", _offset, "A file of JSON lines has one document a line; is this one?", _line + 1);
            }

            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        int read = _pass.Read(_handle, _buffer.AsSpan(_count), _offset + _count);
        _count += read;
        _ended = read == 0;
    }

    private string? Parse(ReadOnlySpan<byte> line, long offset)
    {
        if (_line == 1 && line.StartsWith("\uFEFF"u8))
        {
            line = line[3..];
            offset += 3;
        }

        if (line.Trim(" \t\r"u8).IsEmpty)
        {
            return null;
        }

        try
        {
            return Find(line, offset);
        }
        catch (JsonException e)
        {
            throw Broken("the line is no JSON object", offset + (e.BytePositionInLine ?? 0), "JSON lines have one object a line. Name a file of plain text .txt.", _line, e);
        }
        catch (InvalidOperationException e)
        {
            // How System.Text.Json says that a string is no UTF-8, or has half of a surrogate pair.
            return _replaceInvalid
                ? Find(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(line)), offset)
                : throw Broken("the text is no valid Unicode", offset, "Write the line again, or have what is invalid replaced by U+FFFD with import-weights prepare --replace-invalid.", _line, e);
        }
    }

    // The last of several fields of that name, as Python has it.
    private string Find(ReadOnlySpan<byte> line, long offset)
    {
        var reader = new Utf8JsonReader(line, Options);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Broken("the line is no JSON object", offset, "JSON lines have one object a line.", _line);
        }

        string? text = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isText = reader.ValueTextEquals(_field);
            reader.Read();
            if (isText)
            {
                text = reader.TokenType == JsonTokenType.String
                    ? Text(ref reader)
                    : throw Broken($"the field {_field} is no string", offset + reader.TokenStartIndex, "Choose another field with import-weights prepare --field.", _line);
            }
            else
            {
                reader.Skip();
            }
        }

        while (reader.Read())
        {
            // Whatever follows the object is an error that the reader throws.
        }

        return text ?? throw Broken($"the object has no field {_field}", offset, "Choose another field with import-weights prepare --field.", _line);
    }

    // Half of a surrogate pair, escaped, cannot be had as a string at all.
    private string Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException) when (_replaceInvalid && reader.ValueIsEscaped)
        {
            return EscapedText.Lenient(reader.ValueSpan);
        }
    }

    private InvalidTextException Broken(string problem, long offset, string remedy, long line, Exception? inner = null) =>
        new(_path, problem, offset, line, remedy, inner);
}
