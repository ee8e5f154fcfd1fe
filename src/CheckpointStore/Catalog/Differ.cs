using System.Globalization;
using System.Text.Json;

namespace CheckpointStorage;

/// <summary>Compares what two manifests say.</summary>
internal static class Differ
{
    public static CheckpointDifference[] Compare(CheckpointInfo first, CheckpointInfo second) =>
    [
        .. Compare(DifferenceKind.Checkpoint, Fields(first), Fields(second)),
        .. Compare(DifferenceKind.Configuration, first.Configuration, second.Configuration),
        .. Compare(DifferenceKind.Metadata, Flatten(first.Metadata), Flatten(second.Metadata)),
        .. Compare(DifferenceKind.File, Files(first), Files(second)),
    ];

    private static IEnumerable<CheckpointDifference> Compare(
        DifferenceKind kind, IReadOnlyDictionary<string, string> first, IReadOnlyDictionary<string, string> second) =>
        first.Keys.Union(second.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal)
            .Select(name => new CheckpointDifference(kind, name, first.GetValueOrDefault(name), second.GetValueOrDefault(name)))
            .Where(difference => difference.First != difference.Second);

    private static Dictionary<string, string> Fields(CheckpointInfo info)
    {
        Dictionary<string, string> fields = new() { ["step"] = info.Step.ToString(CultureInfo.InvariantCulture) };
        Add("epoch", info.Epoch?.ToString("R", CultureInfo.InvariantCulture));
        Add("metric", info.Metric?.ToString("R", CultureInfo.InvariantCulture));
        Add("parent", info.ParentId);
        return fields;

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                fields[name] = value;
            }
        }
    }

    private static Dictionary<string, string> Files(CheckpointInfo info) =>
        info.Files.ToDictionary(file => file.Name, file => string.Create(CultureInfo.InvariantCulture, $"{file.Length} bytes, sha256 {file.Sha256}"));

    private static Dictionary<string, string> Flatten(JsonElement metadata)
    {
        Dictionary<string, string> flat = new(StringComparer.Ordinal);
        Visit(metadata, "");
        return flat;

        void Visit(JsonElement element, string path)
        {
            switch (element.ValueKind)
            {
                case JsonValueKind.Object when path.Length == 0 || element.EnumerateObject().Any():
                    foreach (JsonProperty property in element.EnumerateObject())
                    {
                        Visit(property.Value, path.Length == 0 ? property.Name : $"{path}.{property.Name}");
                    }

                    break;
                case JsonValueKind.Array when element.GetArrayLength() > 0:
                    int index = 0;
                    foreach (JsonElement item in element.EnumerateArray())
                    {
                        Visit(item, string.Create(CultureInfo.InvariantCulture, $"{path}[{index++}]"));
                    }

                    break;
                default:
                    flat[path] = element.GetRawText();
                    break;
            }
        }
    }
}
