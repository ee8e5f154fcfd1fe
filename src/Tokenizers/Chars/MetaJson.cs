using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using SharedSource.Text;
using static System.FormattableString;

namespace PretrainedTokenizers;

/// <summary>The JSON form of nanoGPT's meta.pkl: what Python's json.dump makes of the same dict, so itos has its ids as strings.</summary>
internal static class MetaJson
{
    /// <exception cref="TokenizerFormatException">The JSON is damaged or says something else.</exception>
    public static CharMeta Read(ReadOnlyMemory<byte> json, string path)
    {
        CharMeta meta = new();
        var members = JsonText.Members(json, path, "The file");
        if (members.TryGetValue("vocab_size", out ReadOnlyMemory<byte> size))
        {
            JsonElement value = JsonText.Element(size, path, "vocab_size");
            meta.VocabularySize = value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long count)
                ? count
                : throw Broken("vocab_size is not an integer", path);
        }

        if (members.TryGetValue("stoi", out ReadOnlyMemory<byte> stoi))
        {
            meta.Ids = [];
            foreach (var (text, value) in JsonText.Members(stoi, path, "stoi"))
            {
                JsonElement id = JsonText.Element(value, path, "stoi");
                meta.Ids.Add(text, id.ValueKind == JsonValueKind.Number && id.TryGetInt64(out long number)
                    ? number
                    : throw Broken($"stoi[{Escape.Quote(text)}] is not an integer", path));
            }
        }

        if (members.TryGetValue("itos", out ReadOnlyMemory<byte> itos))
        {
            meta.Characters = [];
            var entries = JsonText.Members(itos, path, "itos");
            foreach (var (name, value) in entries)
            {
                JsonElement text = JsonText.Element(value, path, "itos");
                if (!long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out long id)
                    || text.ValueKind != JsonValueKind.String)
                {
                    throw Broken($"itos[{Escape.Quote(name)}] is not a character by its id", path);
                }

                // Numbers can be chosen that a table of them is slow with; those of a vocabulary cannot.
                if (id >= entries.Count)
                {
                    throw Broken(Invariant($"itos has the id {id}, but only {entries.Count} entries"), path);
                }

                string character = JsonText.Guarded(path, "itos", () => text.GetString()!);
                if (!meta.Characters.TryAdd(id, character))
                {
                    throw Broken($"itos[{Escape.Quote(name)}] is there twice", path);
                }
            }
        }

        return meta;
    }

    public static byte[] Write(ReadOnlySpan<Rune> characters)
    {
        using MemoryStream output = new();
        JsonWriterOptions options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (Utf8JsonWriter writer = new(output, options))
        {
            writer.WriteStartObject();
            writer.WriteNumber("vocab_size", characters.Length);
            writer.WriteStartObject("itos");
            for (int id = 0; id < characters.Length; id++)
            {
                writer.WriteString(id.ToString(CultureInfo.InvariantCulture), characters[id].ToString());
            }

            writer.WriteEndObject();
            writer.WriteStartObject("stoi");
            for (int id = 0; id < characters.Length; id++)
            {
                writer.WriteNumber(characters[id].ToString(), id);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        output.WriteByte((byte)'\n');
        return output.ToArray();
    }

    private static TokenizerFormatException Broken(string problem, string path) => new(problem, path);
}
