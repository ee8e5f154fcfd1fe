
namespace PretrainedTokenizers;

/// <summary>
/// A heap of pairs with the lowest rank first and, of equal ranks, the leftmost; four children to a node, which are in one cache line.
/// </summary>
internal sealed class PairHeap(int capacity) : IDisposable
{
    private const int Arity = 4;

    private ulong[] _keys = ScratchArray.Rent<ulong>(Math.Max(capacity, 16));
    private int _count;

    /// <summary>Adds a pair without arranging the heap.</summary>
    public void Append(uint rank, int position)
    {
        if (_count == _keys.Length)
        {
            ulong[] larger = ScratchArray.Rent<ulong>(_keys.Length + _keys.Length / 2);
            _keys.CopyTo(larger, 0);
            ScratchArray.Return(_keys);
            _keys = larger;
        }

        _keys[_count++] = (ulong)rank << 32 | (uint)position;
    }

    /// <summary>Makes a heap of what was appended.</summary>
    public void Arrange()
    {
        for (int i = (_count - 2) / Arity; i >= 0 && _count > 1; i--)
        {
            SinkDown(i, _keys[i]);
        }
    }

    public void Push(uint rank, int position)
    {
        Append(rank, position);
        ulong key = _keys[_count - 1];
        int at = _count - 1;
        while (at > 0 && _keys[(at - 1) / Arity] > key)
        {
            _keys[at] = _keys[(at - 1) / Arity];
            at = (at - 1) / Arity;
        }

        _keys[at] = key;
    }

    public bool TryPop(out uint rank, out int position)
    {
        if (_count == 0)
        {
            rank = 0;
            position = 0;
            return false;
        }

        rank = (uint)(_keys[0] >> 32);
        position = (int)(uint)_keys[0];
        ulong last = _keys[--_count];
        if (_count > 0)
        {
            SinkDown(0, last);
        }

        return true;
    }

    public void Dispose()
    {
        ulong[] keys = _keys;
        _keys = [];
        ScratchArray.Return(keys);
    }

    private void SinkDown(int at, ulong key)
    {
        ulong[] keys = _keys;
        while (true)
        {
            int first = at * Arity + 1;
            if (first >= _count)
            {
                break;
            }

            int lowest = first;
            int end = Math.Min(first + Arity, _count);
            for (int child = first + 1; child < end; child++)
            {
                if (keys[child] < keys[lowest])
                {
                    lowest = child;
                }
            }

            if (keys[lowest] >= key)
            {
                break;
            }

            keys[at] = keys[lowest];
            at = lowest;
        }

        keys[at] = key;
    }
}
