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

    public ConfigJson(JsonElement json, string source)
    {
        _json = json;
        _source = source;
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw Error(null, $"it holds a JSON {json.ValueKind.ToString().ToLowerInvariant()} where an object was expected",
                "Take the config.json that belongs to these weights.");
        }
    }

    public ModelConfigException Error(string? field, string problem, string remedy) => new(_source, field, problem, remedy);

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

        throw Error(names[0], $"{names[0]} is missing", "Take the config.json that belongs to these weights.");
    }

    /// <summary>A whole number from 1 to 2³¹-1; null where it is absent or null, as n_inner is in every published GPT-2.</summary>
    public int? OptionalCount(string name) =>
        Find(name, out var value) && value.ValueKind != JsonValueKind.Null ? Count(name, value) : null;

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

    /// <summary>A value as a message can show it: escaped, and cut after 60 characters.</summary>
    public static string Shorten(JsonElement value) => Cut(value.GetRawText());

    /// <inheritdoc cref="Shorten(JsonElement)"/>
    public static string Shorten(string value) => Cut(JsonEncodedText.Encode(value).ToString());

    private static string Cut(string text) => text.Length <= 60 ? text : string.Concat(text.AsSpan(0, 60), "…");

    private ModelConfigException Mistyped(string name, JsonElement value, string expected) =>
        Error(name, $"{name} is {Shorten(value)} where {expected} was expected", "Correct it, or take the config.json that belongs to these weights.");

    private int Count(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number > 0
            ? number
            : throw Mistyped(name, value, "a whole number above zero");

    private bool Find(string name, out JsonElement value)
    {
        var found = JsonFields.Find(_json, name);
        value = found.GetValueOrDefault();
        return found is not null;
    }
}
