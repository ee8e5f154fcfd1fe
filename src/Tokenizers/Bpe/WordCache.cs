using System.Numerics;
using System.Runtime.InteropServices;

namespace PretrainedTokenizers;

/// <summary>
/// Words with their ids, a bounded number of them, read and written by any number of threads without a lock: an entry is one immutable
/// array, and putting it into its place is one atomic store. A lost store costs a repeated merge, nothing else.
/// </summary>
internal sealed class WordCache
{
    /// <summary>Longer words rarely come again.</summary>
    public const int MaxWordLength = 40;

    private const int Header = 3;

    private readonly int[]?[] _entries;
    private readonly int _mask;

    /// <param name="size">How many words are kept at most; at least 2.</param>
    public WordCache(int size)
    {
        _entries = new int[]?[(int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(size, 2))];
        _mask = _entries.Length - 1;
    }

    public static uint Hash(ReadOnlySpan<char> word)
    {
        ulong hash = (uint)word.Length;
        while (word.Length >= 4)
        {
            hash = (hash ^ MemoryMarshal.Read<ulong>(MemoryMarshal.AsBytes(word))) * 0x9E3779B97F4A7C15;
            hash ^= hash >> 32;
            word = word[4..];
        }

        foreach (char c in word)
        {
            hash = (hash ^ c) * 0x9E3779B97F4A7C15;
        }

        return (uint)(hash >> 32);
    }

    /// <summary>The ids of a word, where it is kept.</summary>
    public bool TryGet(ReadOnlySpan<char> word, uint hash, out ReadOnlySpan<int> ids)
    {
        int slot = (int)hash & _mask;
        return Matches(Volatile.Read(ref _entries[slot]), word, hash, out ids)
            || Matches(Volatile.Read(ref _entries[slot ^ 1]), word, hash, out ids);
    }

    /// <summary>Keeps a word; what was in its place moves to the neighbouring one.</summary>
    public void Add(ReadOnlySpan<char> word, uint hash, ReadOnlySpan<int> ids)
    {
        int[] entry = new int[Header + ids.Length + (word.Length + 1) / 2];
        entry[0] = (int)hash;
        entry[1] = word.Length;
        entry[2] = ids.Length;
        ids.CopyTo(entry.AsSpan(Header));
        word.CopyTo(MemoryMarshal.Cast<int, char>(entry.AsSpan(Header + ids.Length)));
        int slot = (int)hash & _mask;
        Volatile.Write(ref _entries[slot ^ 1], Volatile.Read(ref _entries[slot]));
        Volatile.Write(ref _entries[slot], entry);
    }

    private static bool Matches(int[]? entry, ReadOnlySpan<char> word, uint hash, out ReadOnlySpan<int> ids)
    {
        if (entry is null || entry[0] != (int)hash || entry[1] != word.Length
            || !word.SequenceEqual(MemoryMarshal.Cast<int, char>(entry.AsSpan(Header + entry[2]))[..word.Length]))
        {
            ids = default;
            return false;
        }

        ids = entry.AsSpan(Header, entry[2]);
        return true;
    }
}
