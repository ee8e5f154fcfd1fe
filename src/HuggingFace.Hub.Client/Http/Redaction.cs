using System.Globalization;
using System.Text;

namespace HuggingFace.Hub.Client;

/// <summary>
/// Makes text fit for logs and messages: no token, no query string of a URL (it may be a signature), no control characters.
/// </summary>
internal static class Redaction
{
    private const int MaxLength = 400;
    private const string Removed = "[redacted]";

    /// <summary>A URL without user info, query and fragment.</summary>
    public static string Url(Uri url)
    {
        if (!url.IsAbsoluteUri)
        {
            string text = url.OriginalString;
            int end = text.AsSpan().IndexOfAny('?', '#');
            return Escape(end < 0 ? text : text[..end] + "?" + Removed);
        }

        string port = url.IsDefaultPort ? "" : string.Create(CultureInfo.InvariantCulture, $":{url.Port}");
        string bare = $"{url.Scheme}://{url.IdnHost}{port}{url.AbsolutePath}";
        return Escape(url.Query.Length > 0 ? bare + "?" + Removed : bare);
    }

    /// <summary>A foreign text: the token and anything that looks like one, and all queries of URLs, are taken out.</summary>
    public static string Scrub(string? text, string? token)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return "";
        }

        string result = text;
        if (!string.IsNullOrEmpty(token))
        {
            result = result.Replace(token, Removed, StringComparison.OrdinalIgnoreCase);
        }

        return Escape(RemoveQueries(RemoveTokens(result)));
    }

    /// <summary>A name in one line: control characters shown as escapes, and cut when very long.</summary>
    public static string Escape(string text)
    {
        int length = Math.Min(text.Length, MaxLength);
        var builder = new StringBuilder(length);
        for (int i = 0; i < length; i++)
        {
            char c = text[i];
            UnicodeCategory category = char.GetUnicodeCategory(c);
            if (category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate)
            {
                builder.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            else
            {
                builder.Append(c);
            }
        }

        return text.Length > MaxLength ? builder.Append('…').ToString() : builder.ToString();
    }

    private static string RemoveTokens(string text)
    {
        const string Prefix = "hf_";
        var builder = new StringBuilder(text.Length);
        int at = 0;
        while (text.IndexOf(Prefix, at, StringComparison.Ordinal) is >= 0 and int found)
        {
            int end = found + Prefix.Length;
            while (end < text.Length && char.IsAsciiLetterOrDigit(text[end]))
            {
                end++;
            }

            // hf_hub and hf_xet are no tokens; real ones have more than thirty characters.
            bool isToken = end - found - Prefix.Length >= 8;
            builder.Append(text, at, found - at).Append(isToken ? Removed : text[found..end]);
            at = end;
        }

        return builder.Append(text, at, text.Length - at).ToString();
    }

    private static string RemoveQueries(string text)
    {
        var builder = new StringBuilder(text.Length);
        int at = 0;
        while (text.IndexOf('?', at) is >= 0 and int mark)
        {
            int end = mark + 1;
            while (end < text.Length && !char.IsWhiteSpace(text[end]) && text[end] is not ('"' or '\'' or '<' or '>' or ')'))
            {
                end++;
            }

            // A question mark at the end of a sentence stays what it is.
            builder.Append(text, at, mark + 1 - at).Append(end > mark + 1 ? Removed : "");
            at = end;
        }

        return builder.Append(text, at, text.Length - at).ToString();
    }
}
