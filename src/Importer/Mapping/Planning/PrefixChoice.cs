using Importer.Mapping.Language;
using Importer.Mapping.Problems;

namespace Importer.Mapping.Planning;

/// <summary>Finds the one prefix under which every mapped name is there; failing that, the one that comes nearest.</summary>
internal static class PrefixChoice
{
    // Enough names to tell prefixes apart; only those that fit so far are looked at to the end.
    private const int Sample = 4096;
    private const int Examples = 3;

    internal static KeyPrefix? Choose(
        IReadOnlyList<KeyPrefix> candidates, BoundMapping mapping, SourceNames names, ProblemList problems)
    {
        int total = (int)BoundMapping.Count(mapping.Maps, rule => rule.SourceNames);
        int sample = Math.Min(total, Sample);
        int[] hits = [.. candidates.Select(prefix => Count(prefix, mapping, names, sample))];
        List<KeyPrefix> fitting = [.. candidates.Where((prefix, i) =>
            hits[i] == sample && (sample == total || Count(prefix, mapping, names, total) == total))];
        if (fitting.Count > 1)
        {
            problems.Add(new ConflictingPrefix([.. fitting.Select(prefix => prefix.Whole)]));
        }

        if (fitting.Count > 0)
        {
            return fitting[0];
        }

        int best = hits.Max();
        if (best > 0)
        {
            return candidates[Array.IndexOf(hits, best)];
        }

        problems.Add(new NoPrefixFits(
            [.. candidates.Select(prefix => prefix.Whole)], [.. names.Tensors.Take(Examples).Select(tensor => tensor.Name)]));
        return null;
    }

    private static int Count(KeyPrefix prefix, BoundMapping mapping, SourceNames names, int limit)
    {
        char[] buffer = new char[128];
        int seen = 0;
        int found = 0;
        foreach ((BoundRule rule, int[] values) in BoundMapping.Walk(mapping.Maps))
        {
            for (int i = 0; i < rule.SourceCount; i++)
            {
                if (seen++ == limit)
                {
                    return found;
                }

                Template source = rule.Source(i, values);
                int length = source.Write(ref buffer, prefix.Before(source), rule.Rule.Variables, values);
                found += names.Contains(buffer.AsSpan(0, length)) ? 1 : 0;
            }
        }

        return found;
    }
}
