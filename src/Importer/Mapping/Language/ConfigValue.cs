using System.Globalization;

namespace Importer.Mapping.Language;

/// <summary>A value that an expression over a configuration can have.</summary>
internal readonly struct ConfigValue
{
    private readonly ValueKind _kind;
    private readonly long _integer;
    private readonly string? _text;

    private ConfigValue(ValueKind kind, long integer = 0, string? text = null)
    {
        _kind = kind;
        _integer = integer;
        _text = text;
    }

    private enum ValueKind
    {
        Null,
        Invalid,
        Integer,
        Boolean,
        Text,
        Other,
    }

    /// <summary>The key is missing or null.</summary>
    internal static ConfigValue Null => default;

    /// <summary>No value; a problem has been recorded for it.</summary>
    internal static ConfigValue Invalid => new(ValueKind.Invalid);

    internal bool IsNull => _kind == ValueKind.Null;

    internal bool IsInvalid => _kind == ValueKind.Invalid;

    internal static ConfigValue Of(long value) => new(ValueKind.Integer, value);

    internal static ConfigValue Of(bool value) => new(ValueKind.Boolean, value ? 1 : 0);

    internal static ConfigValue Of(string value) => new(ValueKind.Text, text: value);

    /// <summary>A fraction, a list or an object, which expressions have no use for.</summary>
    internal static ConfigValue Other(string raw) => new(ValueKind.Other, text: raw.Length <= 100 ? raw : raw[..100] + "…");

    internal bool IsInteger(out long value)
    {
        value = _integer;
        return _kind == ValueKind.Integer;
    }

    internal bool IsBoolean(out bool value)
    {
        value = _integer != 0;
        return _kind == ValueKind.Boolean;
    }

    /// <summary>Whether both are of one type that can be compared.</summary>
    internal bool IsComparableTo(ConfigValue other) => _kind == other._kind && _kind != ValueKind.Other;

    internal bool IsEqualTo(ConfigValue other) => _kind == other._kind && _integer == other._integer && _text == other._text;

    /// <summary>As a configuration writes it, for messages.</summary>
    public override string ToString() => _kind switch
    {
        ValueKind.Integer => _integer.ToString(CultureInfo.InvariantCulture),
        ValueKind.Boolean => _integer != 0 ? "true" : "false",
        ValueKind.Text => $"\"{_text}\"",
        ValueKind.Other => _text!,
        ValueKind.Invalid => "invalid",
        _ => "null",
    };
}
