using System.Text.Json;
using Importer.Mapping.Language;
using Importer.Sources;

namespace Importer.Mapping;

/// <summary>
/// The values of a model's <c>config.json</c> as mappings use them: found by key, taken only as what they are written as.
/// </summary>
public sealed class ModelConfigValues
{
    private readonly JsonElement _root;

    private ModelConfigValues(JsonElement root, string sourceName)
    {
        _root = root;
        SourceName = sourceName;
    }

    /// <summary>The file name that messages use.</summary>
    public string SourceName { get; }

    /// <summary>The value of <c>model_type</c>; null where it is missing or not a string.</summary>
    public string? ModelType =>
        JsonFields.Find(_root, "model_type") is { ValueKind: JsonValueKind.String } value ? JsonFields.TryGetText(value) : null;

    /// <summary>Takes a parsed configuration.</summary>
    /// <param name="root">The document's root, an object; its document must outlive the result.</param>
    /// <param name="sourceName">The name that messages use.</param>
    /// <exception cref="ArgumentException">The root is not an object.</exception>
    public static ModelConfigValues From(JsonElement root, string sourceName = "config.json")
    {
        ArgumentException.ThrowIfNullOrEmpty(sourceName);
        return root.ValueKind == JsonValueKind.Object
            ? new ModelConfigValues(root, sourceName)
            : throw new ArgumentException($"A configuration is a JSON object; this is {root.ValueKind}.", nameof(root));
    }

    /// <summary>The value at a key, or at a path of keys joined by dots; null where there is none.</summary>
    internal ConfigValue Get(string path)
    {
        JsonElement value = _root;
        foreach (Range part in path.AsSpan().Split('.'))
        {
            if (value.ValueKind != JsonValueKind.Object || JsonFields.Find(value, path.AsSpan()[part]) is not { } inner)
            {
                return ConfigValue.Null;
            }

            value = inner;
        }

        return value.ValueKind switch
        {
            JsonValueKind.Null or JsonValueKind.Undefined => ConfigValue.Null,
            JsonValueKind.True => ConfigValue.Of(true),
            JsonValueKind.False => ConfigValue.Of(false),
            // 768.0 and 7.68e2 are no whole numbers here, as they are none in Python.
            JsonValueKind.Number when value.TryGetInt64(out long integer) => ConfigValue.Of(integer),
            JsonValueKind.String when JsonFields.TryGetText(value) is { } text => ConfigValue.Of(text),
            _ => ConfigValue.Other(value.GetRawText()),
        };
    }
}
