namespace Importer.Mapping.Language;

/// <summary>The properties of each object of a table. The JSON Schema beside the tables names the same; a test sees to it.</summary>
internal static class TableProperties
{
    internal static readonly IReadOnlyList<string> Table =
    [
        "$schema", "schema", "family", "version", "title", "detect", "config", "wrapper", "prefix", "index", "set", "map", "tie", "drop"
    ];

    internal static readonly IReadOnlyList<string> Detect = ["model_type", "has"];

    internal static readonly IReadOnlyList<string> MapOptions = ["op", "as", "cast", "when", "index"];

    internal static readonly IReadOnlyList<string> Tie = ["target", "to", "when", "source", "if_present", "export"];

    internal static readonly IReadOnlyList<string> Drop = ["key", "shape", "is", "optional", "when", "why"];
}
