using System.Text.Json;
using SharedSource.Text;
using static System.FormattableString;

namespace PretrainedTokenizers;

/// <summary>JSON from files that anyone may have made: every failure is a <see cref="TokenizerFormatException"/> that says where.</summary>
internal static class JsonText
{
    /// <summary>The members of an object, each as its own slice of the text, so that large ones need not be held as a tree.</summary>
    /// <exception cref="TokenizerFormatException">The text is not JSON, not an object, or has a member twice.</exception>
    public static Dictionary<string, ReadOnlyMemory<byte>> Members(ReadOnlyMemory<byte> json, string? path, string where)
    {
        return Guarded(path, where, () =>
        {
            Dictionary<string, ReadOnlyMemory<byte>> members = [];
            Utf8JsonReader reader = new(json.Span);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw new TokenizerFormatException($"{where} is not a JSON object", path);
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                string name = reader.GetString()!;
                reader.Read();
                int start = (int)reader.TokenStartIndex;
                reader.Skip();
                if (!members.TryAdd(name, json[start..(int)reader.BytesConsumed]))
                {
                    throw new TokenizerFormatException($"{where} has the member {Escape.Quote(name)} twice", path);
                }
            }

            // What follows the object must be nothing.
            reader.Read();
            return members;
        });
    }

    /// <summary>A small part as a tree.</summary>
    public static JsonElement Element(ReadOnlyMemory<byte> json, string? path, string where) => Guarded(path, where, () =>
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    });

    /// <summary>Runs a reader and says where the JSON is broken.</summary>
    public static T Guarded<T>(string? path, string where, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (JsonException e)
        {
            throw new TokenizerFormatException(
                Invariant($"{where} is not valid JSON, at its line {e.LineNumber + 1}, byte {e.BytePositionInLine}"), path, e);
        }
        catch (InvalidOperationException e)
        {
            // What the reader throws for a string with half of a surrogate pair.
            throw new TokenizerFormatException($"{where} has a string that is not valid Unicode", path, e);
        }
    }

    /// <summary>A string member; null where it is absent, null, or (which is a problem) something else.</summary>
    public static string? Text(JsonElement parent, string name, string where, ProblemList problems)
    {
        if (!parent.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            return value.GetString();
        }

        problems.Add($"{where}.{name} is not a string");
        return null;
    }

    /// <summary>A boolean member; the default where it is absent, null, or (which is a problem) something else.</summary>
    public static bool Flag(JsonElement parent, string name, bool absent, string where, ProblemList problems)
    {
        if (!parent.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return absent;
        }

        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        problems.Add($"{where}.{name} is neither true nor false");
        return absent;
    }

    /// <summary>The elements of an array member; none where it is absent, null, or (which is a problem) something else.</summary>
    public static JsonElement[] Items(JsonElement parent, string name, string where, ProblemList problems)
    {
        if (!parent.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            return [];
        }

        if (value.ValueKind == JsonValueKind.Array)
        {
            return [.. value.EnumerateArray()];
        }

        problems.Add($"{where}.{name} is not an array");
        return [];
    }
}
