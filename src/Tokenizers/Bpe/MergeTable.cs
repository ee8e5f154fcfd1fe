using System.Numerics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace PretrainedTokenizers;

/// <summary>From a pair of neighbouring tokens to the rank of their merge, and from a rank to the token it makes.</summary>
internal sealed class MergeTable
{
    /// <summary>The rank of a pair that is not merged.</summary>
    public const uint None = uint.MaxValue;

    private readonly Entry[] _entries;
    private readonly int[] _results;
    private readonly int _shift;

    // Multiplying by a random odd number spreads pairs whatever the file says: no file can be made whose merges all collide.
    private readonly ulong _multiplier = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)) | 1;

    /// <param name="capacity">How many merges will be added at most.</param>
    public MergeTable(int capacity)
    {
        int bits = Math.Max(4, BitOperations.Log2((uint)Math.Max(capacity, 1)) + 2);
        _entries = new Entry[1 << bits];
        _shift = 64 - bits;
        _results = new int[capacity];
        Array.Fill(_entries, new Entry { Pair = ulong.MaxValue, Rank = None });
    }

    /// <summary>Adds a merge; where the pair is there already, the later rank counts, as in the reference implementations.</summary>
    // Loading calls it a hundred thousand times before tiered compilation would notice.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(int left, int right, uint rank, int result)
    {
        ulong pair = Pair(left, right);
        int slot = Slot(pair);
        while (_entries[slot].Pair != pair && _entries[slot].Pair != ulong.MaxValue)
        {
            slot = (slot + 1) & (_entries.Length - 1);
        }

        _entries[slot] = new Entry { Pair = pair, Rank = rank };
        _results[rank] = result;
    }

    /// <summary>The rank of a pair's merge, <see cref="None"/> where there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Rank(int left, int right)
    {
        Entry[] entries = _entries;
        ulong pair = Pair(left, right);
        int slot = Slot(pair);
        while (true)
        {
            ref readonly Entry entry = ref entries[slot & (entries.Length - 1)];
            if (entry.Pair == pair || entry.Rank == None)
            {
                return entry.Rank;
            }

            slot++;
        }
    }

    /// <summary>The token that a merge makes.</summary>
    public int Result(uint rank) => _results[rank];

    private static ulong Pair(int left, int right) => (ulong)(uint)left << 32 | (uint)right;

    private int Slot(ulong pair) => (int)((pair * _multiplier) >> _shift);

    private struct Entry
    {
        public ulong Pair;
        public uint Rank;
    }
}
