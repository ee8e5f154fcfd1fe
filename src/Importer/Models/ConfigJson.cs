using System.Text.Json;
using Importer.Sources;

namespace Importer.Models;

/// <summary>
/// Reads typed fields of a config.json; each error names the file and the field. A field that is absent has its default. One
/// that is null has it only where transformers writes null itself: elsewhere transformers fails at null, or takes it for false.
/// </summary>
internal sealed class ConfigJson
{
    private readonly JsonElement _json;
    private readonly string _source;
    private readonly string _path;

    /// <param name="json">The object.</param>
    /// <param name="source">What to call its file.</param>
    /// <param name="path">What stands before its fields' names in a message: <c>rope_scaling.</c>; empty for the whole.</param>
    public ConfigJson(JsonElement json, string source, string path = "")
    {
        _json = json;
        _source = source;
        _path = path;
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw Error(null, $"it holds a JSON {json.ValueKind.ToString().ToLowerInvariant()} where an object was expected",
                "Take the config.json that belongs to these weights.");
        }
    }

    public ModelConfigException Error(string? field, string problem, string remedy) =>
        new(_source, field is null ? _path.TrimEnd('.') is { Length: > 0 } path ? path : null : _path + field, problem, remedy);

    /// <summary>Whether a field is there and not null.</summary>
    public bool Has(string name) => FindValue(name, out _);

    /// <summary>A field that is an object itself.</summary>
    public ConfigJson? Object(string name) => FindValue(name, out var value)
        ? value.ValueKind == JsonValueKind.Object ? new ConfigJson(value, _source, $"{_path}{name}.") : throw Mistyped(name, value, "an object")
        : null;

    /// <summary>A required whole number from 1 to 2³¹-1 under the first of the names that is there.</summary>
    public int Count(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            if (Find(name, out var value))
            {
                return Count(name, value);
            }
        }

        throw Missing(names[0]);
    }

    /// <summary>A required number.</summary>
    public double RequiredNumber(string name) => Number(name) ?? throw Missing(name);

    /// <summary>A whole number from 1 to 2³¹-1; null where it is absent or null, as n_inner is in every published GPT-2.</summary>
    public int? OptionalCount(string name) =>
        FindValue(name, out var value) ? Count(name, value) : null;

    public double? Number(string name)
    {
        if (!Find(name, out var value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && double.IsFinite(number)
            ? number
            : throw Mistyped(name, value, "a number");
    }

    public bool? Flag(string name)
    {
        if (!Find(name, out var value))
        {
            return null;
        }

        return value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : throw Mistyped(name, value, "true or false");
    }

    public string? Text(string name)
    {
        if (!Find(name, out var value))
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.String
            ? JsonFields.TryGetText(value) ?? throw Mistyped(name, value, "a string of valid Unicode")
            : throw Mistyped(name, value, "a string");
    }

    /// <summary>Refuses fields that would change the model in a way it does not compute, unless they have the neutral value.</summary>
    /// <param name="modelClass">The model class, for the message.</param>
    /// <param name="fields">The fields with the values, as JSON, that change nothing; null and absence never do.</param>
    public void Refuse(string modelClass, params ReadOnlySpan<(string Field, string Neutral)> fields)
    {
        foreach (var (field, neutral) in fields)
        {
            if (FindValue(field, out var value) && value.GetRawText() != neutral)
            {
                throw Error(field, $"{field} is {Shorten(value)}, which {modelClass} does not compute", "Use a checkpoint without it.");
            }
        }
    }

    /// <summary>A value as a message can show it: escaped, and cut after 60 characters.</summary>
    public static string Shorten(JsonElement value) => Cut(value.GetRawText());

    /// <inheritdoc cref="Shorten(JsonElement)"/>
    public static string Shorten(string value) => Cut(JsonEncodedText.Encode(value).ToString());

    private static string Cut(string text) => text.Length <= 60 ? text : string.Concat(text.AsSpan(0, 60), "…");

    private ModelConfigException Missing(string name) =>
        Error(name, $"{_path}{name} is missing", "Take the config.json that belongs to these weights.");

    private ModelConfigException Mistyped(string name, JsonElement value, string expected) =>
        Error(name, $"{_path}{name} is {Shorten(value)} where {expected} was expected", "Correct it, or take the config.json that belongs to these weights.");

    private int Count(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number > 0
            ? number
            : throw Mistyped(name, value, "a whole number above zero");

    private bool FindValue(string name, out JsonElement value) => Find(name, out value) && value.ValueKind != JsonValueKind.Null;

    private bool Find(string name, out JsonElement value)
    {
        var found = JsonFields.Find(_json, name);
        value = found.GetValueOrDefault();
        return found is not null;
    }
}
