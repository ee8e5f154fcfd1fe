namespace Importer.Mapping.Planning;

/// <summary>
/// Finds, among many names, those that read most like a given one, within a fixed amount of work: names are first sifted by length
/// and by the characters they use, and what remains is compared by edit distance until the budget is spent.
/// </summary>
internal sealed class NearestNames
{
    private const int MaxLength = 256;
    private const int MaxCandidates = 200_000;
    private const int MaxSuggestions = 2;

    private readonly List<(string Name, ulong Letters)> _candidates = [];
    private int _budget;

    /// <param name="candidates">The names to choose from; only so many are considered.</param>
    /// <param name="budget">How many names are compared letter by letter, over all questions.</param>
    internal NearestNames(IEnumerable<string> candidates, int budget = 20_000)
    {
        _budget = budget;
        foreach (string name in candidates.Where(name => name.Length <= MaxLength).Take(MaxCandidates))
        {
            _candidates.Add((name, Letters(name)));
        }
    }

    /// <summary>At most two names, the nearest first; none where nothing is near.</summary>
    internal IReadOnlyList<string> To(string name)
    {
        // A quarter of the letters may differ: more than a typing error, less than another tensor of the same block.
        int limit = Math.Clamp(name.Length / 4, 1, 8);
        if (name.Length > MaxLength || _candidates.Count == 0)
        {
            return [];
        }

        ulong letters = Letters(name);
        List<(string Name, int Distance)> near = [];
        foreach ((string candidate, ulong other) in _candidates)
        {
            bool alike = Math.Abs(candidate.Length - name.Length) <= limit
                && ulong.PopCount(letters & ~other) <= (ulong)limit && ulong.PopCount(other & ~letters) <= (ulong)limit;
            if (!alike)
            {
                continue;
            }

            if (_budget-- <= 0)
            {
                break;
            }

            if (Distance(name, candidate, limit) is { } distance)
            {
                near.Add((candidate, distance));
            }
        }

        return [.. near.OrderBy(found => found.Distance).ThenBy(found => found.Name, StringComparer.Ordinal)
            .Take(MaxSuggestions).Select(found => found.Name)];
    }

    /// <summary>The edit distance (Levenshtein 1965) if it is at most <paramref name="limit"/>, else null.</summary>
    internal static int? Distance(string a, string b, int limit)
    {
        if (Math.Abs(a.Length - b.Length) > limit)
        {
            return null;
        }

        // Only cells within `limit` of the diagonal can stay within the limit.
        int far = limit + 1;
        Span<int> above = stackalloc int[MaxLength + 1];
        Span<int> row = stackalloc int[MaxLength + 1];
        above[..(b.Length + 1)].Fill(far);
        for (int j = 0; j <= Math.Min(b.Length, limit); j++)
        {
            above[j] = j;
        }

        for (int i = 1; i <= a.Length; i++)
        {
            row[..(b.Length + 1)].Fill(far);
            row[0] = Math.Min(i, far);
            int best = row[0];
            for (int j = Math.Max(1, i - limit); j <= Math.Min(b.Length, i + limit); j++)
            {
                int change = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                row[j] = Math.Min(change, Math.Min(above[j], row[j - 1]) + 1);
                best = Math.Min(best, row[j]);
            }

            if (best > limit)
            {
                return null;
            }

            Span<int> done = row;
            row = above;
            above = done;
        }

        return above[b.Length] <= limit ? above[b.Length] : null;
    }

    private static ulong Letters(string name)
    {
        ulong letters = 0;
        foreach (char c in name)
        {
            letters |= 1UL << (c & 63);
        }

        return letters;
    }
}
