using System.Text;
using System.Text.Json;

namespace Importer.Training;

/// <summary>Reads a configuration in JSON: one object of settings; comments and trailing commas are fine.</summary>
internal static class JsonConfigReader
{
    private const string SchemaName = "$schema";

    private static readonly JsonReaderOptions Options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Reads the settings in order.</summary>
    /// <param name="file">The name for messages.</param>
    /// <param name="content">The file.</param>
    /// <param name="problems">Takes what is wrong.</param>
    public static IReadOnlyList<RawSetting> Read(string file, ReadOnlySpan<byte> content, List<ConfigurationProblem> problems)
    {
        if (content.StartsWith("\uFEFF"u8))
        {
            content = content[3..];
        }

        var settings = new List<RawSetting>();
        var reader = new Utf8JsonReader(content, Options);
        long at = 0;
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                problems.Add(new ConfigurationProblem("", "a configuration is one JSON object of settings", TextPosition.Of(file, content, reader.TokenStartIndex)));
                return settings;
            }

            var seen = new HashSet<string>();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                at = reader.TokenStartIndex;
                string where = TextPosition.Of(file, content, at), name = reader.GetString()!;
                reader.Read();
                bool isScalar = reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray);
                string? text = !isScalar ? null : reader.TokenType == JsonTokenType.String ? reader.GetString()! : Encoding.UTF8.GetString(reader.ValueSpan);
                bool isLiteral = reader.TokenType is JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null;
                reader.Skip();
                if (!seen.Add(Setting.Normalize(name)))
                {
                    problems.Add(new ConfigurationProblem(name, $"{name} is there twice", where));
                }
                else if (text is null)
                {
                    problems.Add(new ConfigurationProblem(name, $"{name} is a list or an object, and every setting is one value", where));
                }
                else if (name != SchemaName)
                {
                    settings.Add(new RawSetting(name, text, where, isLiteral));
                }
            }

            while (reader.Read())
            {
                // Whatever follows the object is an error that the reader throws.
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter for what is no Unicode
        {
            long position = e is JsonException ? reader.BytesConsumed : at;
            string where = e is JsonException { LineNumber: { } line, BytePositionInLine: { } column }
                ? TextPosition.Of(file, (int)line + 1, (int)column + 1)
                : TextPosition.Of(file, content, position);
            problems.Add(new ConfigurationProblem("", $"the file is no valid JSON: {ForeignContent.Describe(content) ?? Reason(e)}", where));
        }

        return settings;
    }

    // .NET's message ends with the position, which is told already.
    private static string Reason(Exception e)
    {
        int at = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return (at < 0 ? e.Message : e.Message[..at]).TrimEnd('.', ' ');
    }
}
