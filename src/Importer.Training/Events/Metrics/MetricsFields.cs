using System.Globalization;
using System.Text.Json;

namespace Importer.Training.Events;

/// <summary>A line's fields, each of which may be missing or of another type.</summary>
internal readonly struct MetricsFields
{
    private readonly JsonElement _object;

    public MetricsFields(JsonElement element) =>
        _object = element.ValueKind == JsonValueKind.Object ? element : throw new FormatException("it is no object");

    public bool Has(string name) => _object.TryGetProperty(name, out _);

    public string Text(string name) => Field(name) is { ValueKind: JsonValueKind.String } value ? value.GetString()! : throw Wrong(name, "a text");

    public long Count(string name) =>
        Field(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out long count) && count >= 0 ? count : throw Wrong(name, "a count");

    public double Number(string name) => Number(name, Field(name));

    public bool Truth(string name) => Field(name).ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong(name, "true or false"),
    };

    public IReadOnlyList<(string Name, double Loss)> Losses()
    {
        var losses = Field("losses");
        if (losses.ValueKind != JsonValueKind.Object || !losses.EnumerateObject().Any())
        {
            throw Wrong("losses", "an object of numbers");
        }

        return [.. losses.EnumerateObject().Select(field => (field.Name, Number(field.Name, field.Value)))];
    }

    public MetricsTiming Timing()
    {
        var timing = new MetricsFields(Field("timing"));
        return DateTimeOffset.TryParse(timing.Text("at"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? new MetricsTiming(at, timing.Number("elapsed"), timing.Optional("seconds"), timing.Optional("tokens_per_second"))
            : throw Wrong("at", "a time");
    }

    private double? Optional(string name) => Has(name) ? Number(name) : null;

    private JsonElement Field(string name) =>
        _object.TryGetProperty(name, out var value) ? value : throw new FormatException($"it has no {name}");

    private static double Number(string name, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number when value.TryGetDouble(out double number) && double.IsFinite(number) => number,
        JsonValueKind.String => value.GetString() switch
        {
            "NaN" => double.NaN,
            "Infinity" => double.PositiveInfinity,
            "-Infinity" => double.NegativeInfinity,
            _ => throw Wrong(name, "a number"),
        },
        _ => throw Wrong(name, "a number"),
    };

    private static FormatException Wrong(string name, string expected) => new($"its {DisplayText.Escape(name)} is not {expected}");
}
