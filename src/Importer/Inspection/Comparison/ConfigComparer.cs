using System.Text.Json;
using System.Text.Json.Nodes;
using Importer.Sources;

namespace Importer.Inspection.Comparison;

/// <summary>Compares two configurations field by field.</summary>
internal static class ConfigComparer
{
    // They tell how and from what a file was saved; no number that the model computes depends on them.
    private static readonly HashSet<string> Incidental = new(StringComparer.Ordinal)
    {
        "_name_or_path", "name_or_path", "transformers_version", "torch_dtype", "dtype", "_commit_hash", "auto_map", "architectures", "torchscript",
    };

    /// <summary>The fields that differ, in the order of their names.</summary>
    /// <param name="a">One configuration; null where there is none.</param>
    /// <param name="b">The other.</param>
    /// <param name="sameLayout">Whether both are written by the same rules, so that a field that only one has counts.</param>
    /// <param name="meantByA">The first with every field that its model reads, defaults included; null where none reads it.</param>
    /// <param name="meantByB">The second likewise.</param>
    public static IReadOnlyList<ConfigDifference> Compare(JsonElement? a, JsonElement? b, bool sameLayout, JsonObject? meantByA, JsonObject? meantByB)
    {
        var first = Fields(a);
        var second = Fields(b);
        List<ConfigDifference> differences = [];
        foreach (string field in first.Keys.Union(second.Keys).Order(StringComparer.Ordinal))
        {
            bool inA = first.TryGetValue(field, out var x), inB = second.TryGetValue(field, out var y);
            if (inA && inB && AreEqual(x, y))
            {
                continue;
            }

            bool both = inA && inB;
            differences.Add(new ConfigDifference(
                field, inA ? JsonFields.ToText(x) : null, inB ? JsonFields.ToText(y) : null,
                !Incidental.Contains(field.Split('.')[0]) && (both || (sameLayout && a is not null && b is not null && !IsDefault(field)))));
        }

        return differences;

        // One spells out what the other leaves to the default.
        bool IsDefault(string field) =>
            meantByA is not null && meantByB is not null && meantByA.TryGetPropertyValue(field, out var x) && meantByB.TryGetPropertyValue(field, out var y)
            && JsonNode.DeepEquals(x, y);
    }

    private static Dictionary<string, JsonElement> Fields(JsonElement? config)
    {
        var fields = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        if (config is { } root)
        {
            Collect("", root, fields);
        }

        return fields;
    }

    private static void Collect(string prefix, JsonElement value, Dictionary<string, JsonElement> fields)
    {
        foreach (var property in value.EnumerateObject())
        {
            string name = prefix + property.Name;
            if (property.Value.ValueKind == JsonValueKind.Object && property.Value.EnumerateObject().Any())
            {
                Collect(name + ".", property.Value, fields);
            }
            else
            {
                fields[name] = property.Value;
            }
        }
    }

    // 1e-5 is 1e-05 and 0.00001, however it is written.
    private static bool AreEqual(JsonElement a, JsonElement b) =>
        a.ValueKind == JsonValueKind.Number && b.ValueKind == JsonValueKind.Number && !(a.TryGetInt64(out _) && b.TryGetInt64(out _))
            ? a.GetDouble() == b.GetDouble()
            : a.ValueKind == JsonValueKind.String && b.ValueKind == JsonValueKind.String
                ? JsonFields.TryGetText(a) is { } text && text == JsonFields.TryGetText(b)
                : JsonElement.DeepEquals(a, b);
}
