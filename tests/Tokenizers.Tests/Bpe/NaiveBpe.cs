namespace Tokenizers.Tests.Bpe;

/// <summary>Byte-pair encoding by its definition: look for the lowest rank everywhere, merge its leftmost place, begin again.</summary>
internal static class NaiveBpe
{
    public static List<string> Merge(IEnumerable<string> symbols, IReadOnlyDictionary<(string Left, string Right), int> ranks)
    {
        List<string> word = [.. symbols];
        while (true)
        {
            int best = -1;
            for (int i = 0; i + 1 < word.Count; i++)
            {
                if (ranks.TryGetValue((word[i], word[i + 1]), out int rank) && (best < 0 || rank < ranks[(word[best], word[best + 1])]))
                {
                    best = i;
                }
            }

            if (best < 0)
            {
                return word;
            }

            word[best] += word[best + 1];
            word.RemoveAt(best + 1);
        }
    }
}
