
namespace PretrainedTokenizers;

/// <summary>
/// Merges a long word in n log n steps: symbols in a linked list, pairs in a heap by rank, then by place. A pair that has changed since
/// it was put on the heap is recognised when it comes up. Takes 24 bytes for each byte of the word.
/// </summary>
internal readonly ref struct LongWordMerger(MergeTable merges, Span<int> symbols)
{
    private const int End = -1;
    private const int Gone = -1;

    private readonly Span<int> _symbols = symbols;

    public void Run(ref IdWriter output)
    {
        int count = _symbols.Length;
        int[] links = ScratchArray.Rent<int>(2 * count);
        Span<int> next = links.AsSpan(0, count);
        Span<int> previous = links.AsSpan(count, count);
        for (int i = 0; i < count; i++)
        {
            next[i] = i + 1 < count ? i + 1 : End;
            previous[i] = i - 1;
        }

        using PairHeap heap = new(count);
        for (int i = 0; i + 1 < count; i++)
        {
            uint rank = merges.Rank(_symbols[i], _symbols[i + 1]);
            if (rank != MergeTable.None)
            {
                heap.Append(rank, i);
            }
        }

        heap.Arrange();
        while (heap.TryPop(out uint rank, out int at))
        {
            int right = _symbols[at] == Gone ? End : next[at];
            if (right == End || merges.Rank(_symbols[at], _symbols[right]) != rank)
            {
                continue;
            }

            _symbols[at] = merges.Result(rank);
            _symbols[right] = Gone;
            next[at] = next[right];
            if (next[at] != End)
            {
                previous[next[at]] = at;
                Push(heap, at, next[at]);
            }

            if (previous[at] != End)
            {
                Push(heap, previous[at], at);
            }
        }

        for (int i = 0; i != End; i = next[i])
        {
            output.Add(_symbols[i]);
        }

        ScratchArray.Return(links);
    }

    private void Push(PairHeap heap, int left, int right)
    {
        uint rank = merges.Rank(_symbols[left], _symbols[right]);
        if (rank != MergeTable.None)
        {
            heap.Push(rank, left);
        }
    }
}
