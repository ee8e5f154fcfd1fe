using System.Runtime.Intrinsics;

namespace PretrainedTokenizers;

/// <summary>
/// Byte-pair encoding of one word: beginning with its bytes, the pair of neighbours whose merge has the lowest rank, the leftmost of
/// equals, becomes one token, until no pair is left (Sennrich et al., arXiv 1508.07909). Immutable once loaded.
/// </summary>
internal sealed class BpeModel(Vocabulary vocabulary, MergeTable merges, int[] byteIds, int unknownId, bool fuseUnknown, bool ignoreMerges)
{
    // Up to here, looking through all pairs for the lowest is faster than keeping them in a heap.
    internal const int MaxScanned = 192;

    private const int DroppedByte = -1;

    public Vocabulary Vocabulary => vocabulary;

    /// <summary>Encodes a word of at most <see cref="MaxScanned"/> bytes.</summary>
    /// <param name="word">The word's bytes, at least one.</param>
    /// <param name="ids">Room for as many ids as the word has bytes.</param>
    /// <returns>How many ids there are.</returns>
    public int Encode(ReadOnlySpan<byte> word, Span<int> ids)
    {
        if (ignoreMerges && vocabulary.Find(word) is >= 0 and var whole)
        {
            ids[0] = whole;
            return 1;
        }

        int count = Symbols(word, ids);
        return count < 2 ? count : Scan(ids, count, stackalloc uint[count]);
    }

    /// <summary>Encodes a word of any length.</summary>
    public void Encode(ReadOnlySpan<byte> word, ref IdWriter output)
    {
        if (word.Length <= MaxScanned)
        {
            Span<int> ids = stackalloc int[word.Length];
            output.Add(ids[..Encode(word, ids)]);
            return;
        }

        if (ignoreMerges && vocabulary.Find(word) is >= 0 and var whole)
        {
            output.Add(whole);
            return;
        }

        int[] symbols = ScratchArray.Rent<int>(word.Length);
        int count = Symbols(word, symbols);
        if (count > 0)
        {
            new LongWordMerger(merges, symbols.AsSpan(0, count)).Run(ref output);
        }

        ScratchArray.Return(symbols);
    }

    private int Symbols(ReadOnlySpan<byte> word, Span<int> symbols)
    {
        int count = 0;
        foreach (byte value in word)
        {
            int id = byteIds[value];
            if (id != DroppedByte && !(fuseUnknown && id == unknownId && count > 0 && symbols[count - 1] == unknownId))
            {
                symbols[count++] = id;
            }
        }

        return count;
    }

    private int Scan(Span<int> symbols, int count, Span<uint> ranks)
    {
        for (int i = 0; i + 1 < count; i++)
        {
            ranks[i] = merges.Rank(symbols[i], symbols[i + 1]);
        }

        while (count > 1)
        {
            int at = LowestIndex(ranks[..(count - 1)]);
            uint rank = ranks[at];
            if (rank == MergeTable.None)
            {
                break;
            }

            symbols[at] = merges.Result(rank);
            symbols[(at + 2)..count].CopyTo(symbols[(at + 1)..]);
            ranks[(at + 1)..(count - 1)].CopyTo(ranks[at..]);
            count--;
            if (at > 0)
            {
                ranks[at - 1] = merges.Rank(symbols[at - 1], symbols[at]);
            }

            if (at + 1 < count)
            {
                ranks[at] = merges.Rank(symbols[at], symbols[at + 1]);
            }
        }

        return count;
    }

    private static int LowestIndex(ReadOnlySpan<uint> ranks)
    {
        uint lowest = uint.MaxValue;
        if (Vector256.IsHardwareAccelerated && ranks.Length >= 2 * Vector256<uint>.Count)
        {
            Vector256<uint> minimum = Vector256.Create(uint.MaxValue);
            int i = 0;
            for (; i <= ranks.Length - Vector256<uint>.Count; i += Vector256<uint>.Count)
            {
                minimum = Vector256.Min(minimum, Vector256.Create(ranks.Slice(i, Vector256<uint>.Count)));
            }

            minimum = Vector256.Min(minimum, Vector256.Create(ranks[^Vector256<uint>.Count..]));
            for (int lane = 0; lane < Vector256<uint>.Count; lane++)
            {
                lowest = Math.Min(lowest, minimum[lane]);
            }

            return ranks.IndexOf(lowest);
        }

        int index = 0;
        for (int i = 0; i < ranks.Length; i++)
        {
            if (ranks[i] < lowest)
            {
                lowest = ranks[i];
                index = i;
            }
        }

        return index;
    }
}
