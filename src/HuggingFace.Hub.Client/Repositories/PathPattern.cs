namespace HuggingFace.Hub.Client;

/// <summary>
/// Python's <c>fnmatch</c> as huggingface_hub uses it for allow and ignore lists: case-sensitive; <c>*</c> crosses <c>/</c>; <c>?</c> and
/// <c>[seq]</c>, <c>[!seq]</c>; a trailing <c>/</c> means everything below. Linear in the text for each <c>*</c>, never exponential.
/// </summary>
internal static class PathPattern
{
    /// <summary>Whether a path is selected: it matches one of the allowed (all when null) and none of the ignored.</summary>
    public static bool Selects(string path, IReadOnlyList<string>? allow, IReadOnlyList<string>? ignore) =>
        (allow is null || MatchesAny(path, allow)) && (ignore is null || !MatchesAny(path, ignore));

    public static bool MatchesAny(string path, IReadOnlyList<string> patterns)
    {
        for (int i = 0; i < patterns.Count; i++)
        {
            if (Matches(path, patterns[i]))
            {
                return true;
            }
        }

        return false;
    }

    public static bool Matches(string path, string pattern)
    {
        string normal = pattern.Replace('\\', '/');
        if (normal.EndsWith('/'))
        {
            normal += "*";
        }

        return Matches(path.AsSpan(), normal.AsSpan());
    }

    private static bool Matches(ReadOnlySpan<char> text, ReadOnlySpan<char> pattern)
    {
        int t = 0, p = 0, starPattern = -1, starText = 0;
        while (t < text.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                starPattern = ++p;
                starText = t;
                continue;
            }

            if (p < pattern.Length && MatchesOne(text[t], pattern, p, out int next))
            {
                t++;
                p = next;
                continue;
            }

            if (starPattern < 0)
            {
                return false;
            }

            p = starPattern;
            t = ++starText;
        }

        while (p < pattern.Length && pattern[p] == '*')
        {
            p++;
        }

        return p == pattern.Length;
    }

    private static bool MatchesOne(char c, ReadOnlySpan<char> pattern, int at, out int next)
    {
        next = at + 1;
        if (pattern[at] == '?')
        {
            return true;
        }

        if (pattern[at] != '[')
        {
            return pattern[at] == c;
        }

        int begin = at + 1;
        bool negated = begin < pattern.Length && pattern[begin] == '!';
        if (negated)
        {
            begin++;
        }

        // A ']' right at the beginning is a member of the set, not its end.
        int end = begin < pattern.Length && pattern[begin] == ']' ? begin + 1 : begin;
        while (end < pattern.Length && pattern[end] != ']')
        {
            end++;
        }

        if (end >= pattern.Length)
        {
            return c == '[';
        }

        next = end + 1;
        return Contains(pattern[begin..end], c) != negated;
    }

    private static bool Contains(ReadOnlySpan<char> set, char c)
    {
        for (int i = 0; i < set.Length; i++)
        {
            if (i + 2 < set.Length && set[i + 1] == '-')
            {
                if (set[i] <= c && c <= set[i + 2])
                {
                    return true;
                }

                i += 2;
            }
            else if (set[i] == c)
            {
                return true;
            }
        }

        return false;
    }
}
