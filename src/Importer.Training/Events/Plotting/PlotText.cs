using System.Globalization;
using System.Text;
using System.Xml;

namespace Importer.Training.Events;

/// <summary>Names and numbers on their way into SVG and HTML.</summary>
internal static class PlotText
{
    private const int MaxName = 120;

    /// <summary>Text as the content of an element or a quoted attribute. What is no character of XML, or would hide others, is shown by its number.</summary>
    public static string Escape(string text)
    {
        text = DisplayText.Escape(text);
        var escaped = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            escaped.Append(rune.Value switch
            {
                '<' => "&lt;",
                '>' => "&gt;",
                '&' => "&amp;",
                '"' => "&quot;",
                '\'' => "&#39;",
                _ when rune.IsBmp && !XmlConvert.IsXmlChar((char)rune.Value) => string.Create(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
                _ => rune.ToString(),
            });
        }

        return escaped.ToString();
    }

    /// <summary>A run's name, cut in the middle where it is too long to be read.</summary>
    public static string Name(string name) => name.Length <= MaxName ? name : $"{name[..(MaxName / 2)]}…{name[^(MaxName / 2)..]}";

    /// <summary>A value as a person reads it: 2.3412, 41,231, 6e-05.</summary>
    public static string Value(double value) => Math.Abs(value) switch
    {
        0 => "0",
        < 1e-3 or >= 1e9 => value.ToString("0.###e-00", CultureInfo.InvariantCulture),
        >= 1000 => value.ToString("N0", CultureInfo.InvariantCulture),
        _ => value.ToString("0.####", CultureInfo.InvariantCulture),
    };

    /// <summary>A place in the picture.</summary>
    public static string Place(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
