using System.Text;
using System.Text.Json.Nodes;

namespace Importer.Training.Events;

/// <summary>Where the metrics were when a checkpoint was saved.</summary>
/// <param name="Length">The length of the file.</param>
/// <param name="Unwritten">Lines that belong behind it and that the disk had not taken.</param>
internal sealed record MetricsMark(long Length, IReadOnlyList<byte[]> Unwritten)
{
    public JsonObject ToJson() => new()
    {
        ["length"] = Length,
        ["unwritten"] = new JsonArray([.. Unwritten.Select(line => JsonValue.Create(Encoding.UTF8.GetString(line)))]),
    };

    /// <summary>Reads what <see cref="ToJson"/> wrote; null for anything else.</summary>
    public static MetricsMark? Parse(JsonNode? json) =>
        json is JsonObject mark
        && mark["length"] is JsonValue length && length.TryGetValue(out long bytes) && bytes >= 0
        && mark["unwritten"] is JsonArray lines && lines.All(line => line is JsonValue value && value.TryGetValue(out string? text) && text.EndsWith('\n'))
            ? new MetricsMark(bytes, [.. lines.Select(line => Encoding.UTF8.GetBytes(line!.GetValue<string>()))])
            : null;
}
