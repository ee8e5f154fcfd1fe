using System.Globalization;
using System.Text;

namespace Importer.Cli.Output;

/// <summary>Text on its way to a terminal: names and paths come from anywhere, and must not move the cursor or hide anything.</summary>
internal static class TerminalText
{
    /// <summary>The text on one line, with everything that is not plainly shown as <c>\u001b</c>.</summary>
    public static string Line(string text)
    {
        var result = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length;)
        {
            if (!Rune.TryGetRuneAt(text, i, out var rune))
            {
                result.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[i++]:x4}");
                continue;
            }

            i += rune.Utf16SequenceLength;
            result.Append(IsShown(rune) ? rune.ToString() : rune.IsBmp ? $"\\u{rune.Value:x4}" : $"\\U{rune.Value:x8}");
        }

        return result.ToString();
    }

    /// <summary>Several lines, each shown as <see cref="Line"/> shows it.</summary>
    public static string Lines(string text) => string.Join('\n', text.ReplaceLineEndings("\n").Split('\n').Select(Line)).ReplaceLineEndings();

    /// <summary>Whether a character is what it looks like, and does nothing.</summary>
    public static bool IsShown(Rune rune) => Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
