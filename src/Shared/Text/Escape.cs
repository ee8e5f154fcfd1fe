using System.Globalization;
using System.Text;

namespace SharedSource.Text;

/// <summary>
/// Names come from files that anyone may have made: line breaks, terminal escapes and direction marks must not reach a console or a log.
/// </summary>
internal static class Escape
{
    private const int MaxLength = 200;

    /// <summary>The text in double quotes, with everything that is not plainly printable escaped, cut after 200 characters.</summary>
    public static string Quote(string text)
    {
        StringBuilder result = new("\"", Math.Min(text.Length, MaxLength) + 16);
        int i = 0;
        while (i < text.Length && i < MaxLength)
        {
            if (!Rune.TryGetRuneAt(text, i, out Rune rune))
            {
                AppendCode(result, text[i++]);
                continue;
            }

            i += rune.Utf16SequenceLength;
            if (rune.Value is '"' or '\\')
            {
                result.Append('\\').Append((char)rune.Value);
            }
            else if (IsPrintable(rune))
            {
                result.Append(rune.ToString());
            }
            else
            {
                AppendCode(result, rune.Value);
            }
        }

        result.Append('"');
        if (i < text.Length)
        {
            result.Append(CultureInfo.InvariantCulture, $"… ({text.Length} characters)");
        }

        return result.ToString();
    }

    private static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.SpaceSeparator);

    private static void AppendCode(StringBuilder result, int code) =>
        result.Append(code > 0xFFFF ? "\\U" : "\\u").Append(code.ToString(code > 0xFFFF ? "X8" : "X4", CultureInfo.InvariantCulture));
}
