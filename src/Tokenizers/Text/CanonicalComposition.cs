using System.Text;

namespace PretrainedTokenizers;

/// <summary>
/// Unicode's normalization form C (UAX 15). .NET's own is left out of programs with InvariantGlobalization, where it returns its input, and
/// otherwise depends on the machine's ICU.
/// </summary>
internal static class CanonicalComposition
{
    // Below it every character is itself, alone and whatever comes before it.
    private const char FirstCombining = '\u0300';

    private const int HangulBase = 0xAC00;
    private const int HangulCount = 11172;
    private const int LeadBase = 0x1100;
    private const int LeadCount = 19;
    private const int VowelBase = 0x1161;
    private const int VowelCount = 21;
    private const int TrailBase = 0x11A7;
    private const int TrailCount = 28;

    /// <summary>The normalized text; null where the text is normalized already.</summary>
    public static string? Normalize(ReadOnlySpan<char> text)
    {
        if (IsPlain(text))
        {
            return null;
        }

        string result = Compose(Reordered(Decompose(text)));
        return text.SequenceEqual(result) ? null : result;
    }

    /// <summary>
    /// Whether a UTF-16 unit stays as it is in any text's normalized form, and separates what is before it from what follows.
    /// </summary>
    public static bool IsInert(char c) => c < FirstCombining || CanonicalData.Instance.IsInert(c);

    private static bool IsPlain(ReadOnlySpan<char> text)
    {
        int at = text.IndexOfAnyExceptInRange('\0', (char)(FirstCombining - 1));
        if (at < 0)
        {
            return true;
        }

        CanonicalData data = CanonicalData.Instance;
        for (; at < text.Length; at++)
        {
            if (!data.IsInert(text[at]))
            {
                return false;
            }
        }

        return true;
    }

    private static List<int> Decompose(ReadOnlySpan<char> text)
    {
        CanonicalData data = CanonicalData.Instance;
        List<int> result = new(text.Length + 16);
        Stack<int> pending = new();
        int at = 0;
        while (at < text.Length)
        {
            // A lone surrogate is U+FFFD, as everywhere in this library.
            _ = Rune.DecodeFromUtf16(text[at..], out Rune rune, out int length);
            at += length;
            pending.Push(rune.Value);
            while (pending.TryPop(out int c))
            {
                if (c - HangulBase is >= 0 and < HangulCount and var hangul)
                {
                    result.Add(LeadBase + hangul / (VowelCount * TrailCount));
                    result.Add(VowelBase + hangul % (VowelCount * TrailCount) / TrailCount);
                    if (hangul % TrailCount is > 0 and var trail)
                    {
                        result.Add(TrailBase + trail);
                    }
                }
                else if (data.Decomposition(c) is { } parts)
                {
                    for (int i = parts.Length - 1; i >= 0; i--)
                    {
                        pending.Push(parts[i]);
                    }
                }
                else
                {
                    result.Add(c);
                }
            }
        }

        return result;
    }

    // Marks between two starters are sorted by class, stably; by keys, as a hostile text may have millions of them in a row.
    private static List<int> Reordered(List<int> codePoints)
    {
        CanonicalData data = CanonicalData.Instance;
        int at = 0;
        while (at < codePoints.Count)
        {
            int start = at;
            bool sorted = true;
            byte last = 0;
            while (at < codePoints.Count && data.ClassOf(codePoints[at]) is > 0 and var next)
            {
                sorted &= next >= last;
                last = next;
                at++;
            }

            if (!sorted)
            {
                int[] marks = [.. codePoints[start..at]];
                long[] keys = new long[marks.Length];
                for (int i = 0; i < keys.Length; i++)
                {
                    keys[i] = (long)data.ClassOf(marks[i]) << 32 | (uint)i;
                }

                Array.Sort(keys, marks);
                for (int i = 0; i < marks.Length; i++)
                {
                    codePoints[start + i] = marks[i];
                }
            }

            if (start == at)
            {
                at++;
            }
        }

        return codePoints;
    }

    private static string Compose(List<int> codePoints)
    {
        CanonicalData data = CanonicalData.Instance;
        int starter = -1;
        int count = 0;
        byte last = 0;
        for (int i = 0; i < codePoints.Count; i++)
        {
            int c = codePoints[i];
            byte combining = data.ClassOf(c);
            bool adjacent = starter == count - 1;
            if (starter >= 0 && (adjacent || last < combining) && Composed(data, codePoints[starter], c) is >= 0 and var composed)
            {
                codePoints[starter] = composed;
                continue;
            }

            if (combining == 0)
            {
                starter = count;
            }

            last = combining;
            codePoints[count++] = c;
        }

        StringBuilder result = new(count + 16);
        Span<char> units = stackalloc char[2];
        for (int i = 0; i < count; i++)
        {
            result.Append(units[..new Rune(codePoints[i]).EncodeToUtf16(units)]);
        }

        return result.ToString();
    }

    private static int Composed(CanonicalData data, int first, int second)
    {
        if (first - LeadBase is >= 0 and < LeadCount and var lead && second - VowelBase is >= 0 and < VowelCount and var vowel)
        {
            return HangulBase + (lead * VowelCount + vowel) * TrailCount;
        }

        if (first - HangulBase is >= 0 and < HangulCount and var hangul && hangul % TrailCount == 0
            && second - TrailBase is > 0 and < TrailCount and var trail)
        {
            return first + trail;
        }

        return data.Composition(first, second);
    }
}
