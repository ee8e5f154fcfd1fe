using System.Globalization;
using System.Text;

namespace Importer.Mapping;

/// <summary>Text from files on its way into messages: control, format and unpaired characters are escaped, length is bounded.</summary>
internal static class NameText
{
    private const int MaxLength = 160;

    /// <summary>The name between single quotes.</summary>
    internal static string Quote(string name) => $"'{Escape(name, quote: true)}'";

    /// <summary>The text without quotes.</summary>
    internal static string Plain(string text) => Escape(text, quote: false);

    internal static string DidYouMean(IReadOnlyList<string> nearest, string lead) =>
        nearest.Count == 0 ? "" : $"; {lead} {string.Join(", ", nearest.Select(Quote))}";

    private static string Escape(string text, bool quote)
    {
        StringBuilder? escaped = null;
        int length = Math.Min(text.Length, MaxLength);
        for (int i = 0; i < length; i++)
        {
            char c = text[i];
            bool pair = char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]);
            if (pair)
            {
                escaped?.Append(text, i, 2);
                i++;
                continue;
            }

            if (!IsUnsafe(c) && !(quote && c is '\'' or '\\'))
            {
                escaped?.Append(c);
                continue;
            }

            escaped ??= new StringBuilder(text, 0, i, length + 16);
            escaped.Append(c is '\'' or '\\' ? $"\\{c}" : $"\\u{(int)c:x4}");
        }

        string result = escaped?.ToString() ?? text[..length];
        return text.Length > MaxLength ? $"{result}… ({text.Length} characters)" : result;
    }

    private static bool IsUnsafe(char c) => char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.Surrogate or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;
}
