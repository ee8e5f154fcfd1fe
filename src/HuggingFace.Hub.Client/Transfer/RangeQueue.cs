namespace HuggingFace.Hub.Client;

/// <summary>The stretches of a file that are missing, handed out in order.</summary>
internal sealed class RangeQueue
{
    private readonly Lock _lock = new();
    private readonly Queue<(long Start, long End)> _missing = new();

    /// <param name="map">What is there.</param>
    /// <param name="byBlock">One stretch for each block (parallel), or as few stretches as possible (one stream).</param>
    public RangeQueue(RangeMap map, bool byBlock)
    {
        (long Start, long End)? open = null;
        for (int block = 0; block < map.BlockCount; block++)
        {
            (long start, long end) = (map.Reached(block), map.Bounds(block).End);
            if (start == end)
            {
                continue;
            }

            if (!byBlock && open is { } before && before.End == start)
            {
                open = (before.Start, end);
                continue;
            }

            if (open is { } finished)
            {
                _missing.Enqueue(finished);
            }

            open = (start, end);
        }

        if (open is { } last)
        {
            _missing.Enqueue(last);
        }
    }

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _missing.Count;
            }
        }
    }

    public bool TryTake(out (long Start, long End) range)
    {
        lock (_lock)
        {
            return _missing.TryDequeue(out range);
        }
    }
}
