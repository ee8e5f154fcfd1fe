using System.Globalization;
using System.Text;

namespace PyTorchCheckpoints;

/// <summary>
/// Names come from files that anyone may have made: line breaks, terminal escapes and direction marks must not reach a console or a log.
/// </summary>
internal static class Escape
{
    private const int MaxLength = 200;

    /// <summary>The text in double quotes; what is not plainly printable is escaped, and no more than 200 characters are shown.</summary>
    public static string Quote(string text)
    {
        StringBuilder result = new("\"");
        int shown = 0;
        while (shown < text.Length && shown < MaxLength)
        {
            bool whole = Rune.TryGetRuneAt(text, shown, out Rune rune);
            int code = whole ? rune.Value : text[shown];
            if (whole && IsPlain(rune))
            {
                result.Append(rune.Value is '"' or '\\' ? "\\" : "").Append(rune.ToString());
            }
            else
            {
                result.Append(CultureInfo.InvariantCulture, $"\\u{{{code:X}}}");
            }

            shown += whole ? rune.Utf16SequenceLength : 1;
        }

        result.Append('"');
        return shown == text.Length ? result.ToString() : result.Append(CultureInfo.InvariantCulture, $"… ({text.Length} characters)").ToString();
    }

    private static bool IsPlain(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.OtherLetter
        or UnicodeCategory.ModifierLetter or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber
        or UnicodeCategory.ConnectorPunctuation or UnicodeCategory.DashPunctuation or UnicodeCategory.OpenPunctuation
        or UnicodeCategory.ClosePunctuation or UnicodeCategory.InitialQuotePunctuation or UnicodeCategory.FinalQuotePunctuation
        or UnicodeCategory.OtherPunctuation or UnicodeCategory.MathSymbol or UnicodeCategory.CurrencySymbol
        or UnicodeCategory.ModifierSymbol or UnicodeCategory.OtherSymbol;
}
