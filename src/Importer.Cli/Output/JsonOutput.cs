using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Importer.Cli.Output;

/// <summary>One JSON document on standard output.</summary>
internal static class JsonOutput
{
    // A configuration, which may be 64 deep, stands in the document.
    private static readonly JsonSerializerOptions Options = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 128 };

    /// <summary>The document with its last line ended. What could act on a terminal is escaped, the encoder's leniency notwithstanding.</summary>
    public static string Render(JsonObject document)
    {
        string text = document.ToJsonString(Options);
        var safe = new StringBuilder(text.Length + 1);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.IsAscii ? rune.Value != 0x7f : TerminalText.IsShown(rune))
            {
                safe.Append(rune.ToString());
                continue;
            }

            foreach (char c in rune.ToString())
            {
                safe.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
        }

        return safe.Append('\n').ToString();
    }

    public static JsonArray Texts(IEnumerable<string> values) => [.. values.Select(value => (JsonNode)value)];

    public static JsonArray Numbers(IEnumerable<long> values) => [.. values.Select(value => (JsonNode)value)];
}
