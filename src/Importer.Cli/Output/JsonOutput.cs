using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Importer.Cli.Output;

/// <summary>One JSON document on standard output.</summary>
internal static class JsonOutput
{
    private static readonly JsonSerializerOptions Options = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Render(JsonObject document) => document.ToJsonString(Options) + "\n";

    public static JsonArray Texts(IEnumerable<string> values) => [.. values.Select(value => (JsonNode)value)];

    public static JsonArray Numbers(IEnumerable<long> values) => [.. values.Select(value => (JsonNode)value)];
}
