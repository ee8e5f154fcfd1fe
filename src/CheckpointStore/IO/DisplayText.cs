using System.Globalization;
using System.Text;

namespace CheckpointStorage.IO;

/// <summary>Names and texts from files on their way into a message: what could move a cursor or hide other text is escaped.</summary>
internal static class DisplayText
{
    private const int Longest = 2000;

    /// <summary>A cause to be put into a sentence: escaped, without its full stop.</summary>
    public static string Clause(string message) => Escape(message.TrimEnd('.', ' ', '\n'));

    /// <summary>The text with control, format, unpaired and line-breaking characters as <c>\u001b</c>, cut where it is very long.</summary>
    public static string Escape(string text)
    {
        StringBuilder escaped = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (escaped.Length > Longest)
            {
                return escaped.Append('…').ToString();
            }

            char c = text[i];
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                escaped.Append(text, i++, 2);
            }
            else if (char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            {
                escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            else
            {
                escaped.Append(c);
            }
        }

        return escaped.ToString();
    }
}
