namespace Importer.Mapping.Language;

/// <summary>All choices of one value per variable, the last variable counting fastest.</summary>
internal static class Counting
{
    /// <param name="counts">How many values each variable has.</param>
    /// <returns>The choices; one array is used for all of them.</returns>
    internal static IEnumerable<int[]> Over(IReadOnlyList<int> counts)
    {
        if (counts.Any(count => count <= 0))
        {
            yield break;
        }

        int[] values = new int[counts.Count];
        while (true)
        {
            yield return values;
            int at = counts.Count - 1;
            while (at >= 0 && ++values[at] == counts[at])
            {
                values[at--] = 0;
            }

            if (at < 0)
            {
                yield break;
            }
        }
    }
}
