using System.Numerics;
using Importer.Generation;

namespace Importer.Training.Sampling;

/// <summary>
/// A permutation of the numbers below a size, drawn by a key, of which any single value is computed in constant time: a Feistel
/// network over the next power of two, walked along its cycle until the value is below the size (Black and Rogaway 2002, "Ciphers
/// with arbitrary finite domains").
/// </summary>
/// <remarks>
/// Each round changes one half of the bits by a function of the other half, which can be undone, so the whole is a permutation
/// whatever that function is. The walk takes less than two steps on average, since more than half of the domain is in use. Whole
/// numbers are all it computes with, so it is the same on every machine.
/// </remarks>
internal sealed class IndexPermutation
{
    // Four would do for a cipher's security with a perfect function (Luby and Rackoff 1988); small halves want more.
    private const int Rounds = 8;
    private const uint Purpose = 0x45504f43; // keeps these keys apart from every other use of the seed

    private readonly long _size;
    private readonly int _lowBits;
    private readonly ulong _lowMask;
    private readonly ulong _highMask;
    private readonly ulong[] _keys = new ulong[Rounds];

    /// <param name="size">How many numbers are permuted; at least 1.</param>
    /// <param name="seed">The first half of the key.</param>
    /// <param name="epoch">The other half.</param>
    public IndexPermutation(long size, long seed, long epoch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        _size = size;
        int bits = Math.Max(2, 64 - BitOperations.LeadingZeroCount((ulong)size - 1));
        _lowBits = bits / 2;
        _lowMask = (1UL << _lowBits) - 1;
        _highMask = (1UL << (bits - _lowBits)) - 1;
        for (int round = 0; round < Rounds; round++)
        {
            var (a, b, _, _) = Philox.Block((uint)epoch, (uint)(epoch >> 32), (uint)round, Purpose, (uint)seed, (uint)(seed >> 32));
            _keys[round] = ((ulong)a << 32) | b;
        }
    }

    /// <summary>The number at a place.</summary>
    public long this[long index]
    {
        get
        {
            ulong value = (ulong)index;
            do
            {
                value = Encipher(value);
            }
            while (value >= (ulong)_size);

            return (long)value;
        }
    }

    private ulong Encipher(ulong value)
    {
        ulong low = value & _lowMask, high = value >> _lowBits;
        for (int round = 0; round < Rounds; round += 2)
        {
            high ^= Mix(low + _keys[round]) & _highMask;
            low ^= Mix(high + _keys[round + 1]) & _lowMask;
        }

        return (high << _lowBits) | low;
    }

    // The finalizer of SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators").
    private static ulong Mix(ulong z)
    {
        unchecked
        {
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
