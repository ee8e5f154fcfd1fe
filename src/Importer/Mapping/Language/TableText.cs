using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Importer.Mapping.Problems;

namespace Importer.Mapping.Language;

/// <summary>The text of a table: bounded, valid UTF-8, one JSON value (comments and trailing commas allowed, as in JSONC).</summary>
internal sealed class TableText
{
    internal const int MaxBytes = 1 << 20;
    private const int MaxDepth = 8;

    private readonly byte[] _utf8;
    private readonly string _table;
    private readonly List<TableProblem> _problems;
    private readonly Dictionary<string, int> _marks = new(StringComparer.Ordinal);

    internal TableText(ReadOnlySpan<byte> utf8, string table, List<TableProblem> problems)
    {
        ReadOnlySpan<byte> mark = Encoding.UTF8.Preamble;
        _utf8 = utf8.Length > MaxBytes ? [] : utf8.StartsWith(mark) ? utf8[mark.Length..].ToArray() : utf8.ToArray();
        _table = table;
        _problems = problems;
        IsTooLong = utf8.Length > MaxBytes;
    }

    private bool IsTooLong { get; }

    /// <summary>Remembers where something stands, for problems that are found later.</summary>
    internal void Mark(string path, JsonItem item) => _marks[path] = item.Offset;

    internal void Report(string path, string reason) => Report(_marks.GetValueOrDefault(path), path, reason);

    internal void Report(int offset, string path, string reason)
    {
        (int line, int column) = Position(offset);
        _problems.Add(new TableProblem(_table, line, column, path, reason));
    }

    internal int Line(int offset) => Position(offset).Line;

    /// <summary>The document, or null after having reported why there is none.</summary>
    internal JsonItem? Read()
    {
        if (IsTooLong)
        {
            Report(0, "", $"the file is larger than {MaxBytes} bytes, which no mapping table is");
            return null;
        }

        if (!Utf8.IsValid(_utf8))
        {
            Report(0, "", "the file is not UTF-8 text");
            return null;
        }

        JsonReaderOptions options = new()
        {
            CommentHandling = JsonCommentHandling.Skip,
            AllowTrailingCommas = true,
            MaxDepth = MaxDepth,
        };
        Utf8JsonReader reader = new(_utf8, options);
        try
        {
            reader.Read();
            JsonItem root = ReadValue(ref reader);
            while (reader.Read())
            {
            }

            return root;
        }
        catch (JsonException exception)
        {
            int line = (int)(exception.LineNumber ?? 0) + 1;
            int column = (int)(exception.BytePositionInLine ?? 0) + 1;
            _problems.Add(new TableProblem(_table, line, column, "", $"not valid JSON: {Reason(exception)}"));
        }
        catch (InvalidOperationException)
        {
            // Utf8JsonReader.GetString on an escaped surrogate without its partner.
            Report((int)reader.TokenStartIndex, "", "the string holds half of a surrogate pair");
        }

        return null;
    }

    private JsonItem ReadValue(ref Utf8JsonReader reader)
    {
        int offset = (int)reader.TokenStartIndex;
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                JsonItem item = new() { Kind = JsonValueKind.Object, Offset = offset };
                HashSet<string> names = new(StringComparer.Ordinal);
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    int nameOffset = (int)reader.TokenStartIndex;
                    string name = reader.GetString()!;
                    if (!names.Add(name))
                    {
                        Report(nameOffset, "", $"the property {NameText.Quote(name)} is there twice");
                    }

                    reader.Read();
                    item.Members.Add(new JsonMember(name, nameOffset, ReadValue(ref reader)));
                }

                return item;
            case JsonTokenType.StartArray:
                JsonItem list = new() { Kind = JsonValueKind.Array, Offset = offset };
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    list.Items.Add(ReadValue(ref reader));
                }

                return list;
            case JsonTokenType.String:
                return new JsonItem { Kind = JsonValueKind.String, Offset = offset, Text = reader.GetString()! };
            case JsonTokenType.Number:
                return new JsonItem { Kind = JsonValueKind.Number, Offset = offset, Text = Encoding.UTF8.GetString(reader.ValueSpan) };
            case JsonTokenType.True:
                return new JsonItem { Kind = JsonValueKind.True, Offset = offset };
            case JsonTokenType.False:
                return new JsonItem { Kind = JsonValueKind.False, Offset = offset };
            default:
                return new JsonItem { Kind = JsonValueKind.Null, Offset = offset };
        }
    }

    private static string Reason(JsonException exception)
    {
        int position = exception.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return NameText.Plain(position < 0 ? exception.Message : exception.Message[..position]);
    }

    private (int Line, int Column) Position(int offset)
    {
        ReadOnlySpan<byte> before = _utf8.AsSpan(0, Math.Clamp(offset, 0, _utf8.Length));
        int start = before.LastIndexOf((byte)'\n') + 1;
        return (before.Count((byte)'\n') + 1, Encoding.UTF8.GetCharCount(before[start..]) + 1);
    }
}
