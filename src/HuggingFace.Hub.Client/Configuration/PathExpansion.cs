using System.Text;

namespace HuggingFace.Hub.Client;

/// <summary>
/// Python's <c>expandvars(expanduser(path))</c>: a leading <c>~</c>, then <c>$NAME</c> and <c>${NAME}</c>; what is not set stays as
/// written.
/// </summary>
internal static class PathExpansion
{
    public static string Expand(string path, string userDirectory, Func<string, string?> read)
    {
        string text = path == "~" || path.StartsWith("~/", StringComparison.Ordinal) || path.StartsWith("~\\", StringComparison.Ordinal)
            ? userDirectory + path[1..]
            : path;

        var result = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '$' && TryReadName(text, i, out string name, out int end) && read(name) is { } value)
            {
                result.Append(value);
                i = end - 1;
            }
            else
            {
                result.Append(text[i]);
            }
        }

        return result.ToString();
    }

    private static bool TryReadName(string text, int dollar, out string name, out int end)
    {
        int begin = dollar + 1;
        bool braces = begin < text.Length && text[begin] == '{';
        if (braces)
        {
            begin++;
        }

        end = begin;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_'))
        {
            end++;
        }

        name = text[begin..end];
        if (braces)
        {
            if (end >= text.Length || text[end] != '}')
            {
                return false;
            }

            end++;
        }

        return name.Length > 0;
    }
}
