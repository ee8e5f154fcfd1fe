using System.Globalization;

namespace Importer.Training;

/// <summary>Reads values as people write them in shells, JSON and Python.</summary>
internal static class SettingValue
{
    /// <summary>What Python, JSON and .NET call nothing.</summary>
    public static bool IsNull(string text) => text is "None" or "null" or "none" or "NULL" or "Null";

    /// <summary>A truth value, or null where it is none.</summary>
    public static bool? Boolean(string text) => text.ToLowerInvariant() switch
    {
        "true" or "1" or "yes" or "on" => true,
        "false" or "0" or "no" or "off" => false,
        _ => null,
    };

    /// <summary>Reads a value for a setting.</summary>
    /// <param name="setting">The setting.</param>
    /// <param name="text">The value: a JSON scalar's text or an argument.</param>
    /// <param name="value">The value in the setting's own type.</param>
    /// <param name="problem">What is wrong, a phrase that follows the setting's name.</param>
    public static bool TryParse(Setting setting, string text, out object? value, out string problem)
    {
        problem = "";
        value = null;
        if (setting.IsNullable && IsNull(text))
        {
            return true;
        }

        value = setting.Type switch
        {
            var type when type == typeof(string) => Unquote(text),
            var type when type == typeof(bool) => Boolean(text),
            var type when type == typeof(int) => Integer(text) is { } n && n is >= int.MinValue and <= int.MaxValue ? (int)n : null,
            var type when type == typeof(long) => Integer(text),
            _ => Number(text),
        };
        if (value is null)
        {
            problem = $"is '{text}', which is no {Describe(setting)}";
        }

        return value is not null;
    }

    /// <summary>A whole number: <c>20</c>, <c>1_000</c>, <c>6e5</c>, <c>20.0</c>.</summary>
    public static long? Integer(string text)
    {
        string digits = WithoutUnderscores(text);
        if (long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole))
        {
            return whole;
        }

        return decimal.TryParse(digits, NumberStyles.Float & ~(NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite), CultureInfo.InvariantCulture, out decimal number)
            && number == decimal.Truncate(number) && number is >= long.MinValue and <= long.MaxValue
            ? (long)number
            : null;
    }

    /// <summary>A finite number.</summary>
    public static double? Number(string text) =>
        double.TryParse(
            WithoutUnderscores(text), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out double number)
            && double.IsFinite(number)
            ? number
            : null;

    private static string Describe(Setting setting) => (setting.Type.Name switch
    {
        nameof(Boolean) => "truth value (True or False)",
        nameof(Int32) or nameof(Int64) => "whole number" + (setting.Type == typeof(int) ? " of 32 bits" : ""),
        _ => "number",
    }) + (setting.IsNullable ? ", nor None" : "");

    // As in Python, only between digits.
    private static string WithoutUnderscores(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '_' && !(i > 0 && i + 1 < text.Length && char.IsAsciiDigit(text[i - 1]) && char.IsAsciiDigit(text[i + 1])))
            {
                return text;
            }
        }

        return text.Replace("_", "", StringComparison.Ordinal);
    }

    // nanoGPT evaluates an argument as a Python literal: quotes that survived the shell are the literal's.
    private static string Unquote(string text) =>
        text.Length >= 2 && (text[0] is '\'' or '"') && text[^1] == text[0] ? text[1..^1] : text;
}
