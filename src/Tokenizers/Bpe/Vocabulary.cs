using System.Runtime.CompilerServices;

namespace PretrainedTokenizers;

/// <summary>
/// The tokens of a byte-level vocabulary: their bytes in one block, and a hash table from bytes to id. Written while a tokenizer is loaded,
/// read from any number of threads afterwards.
/// </summary>
internal sealed class Vocabulary
{
    private byte[] _bytes = new byte[4096];
    private int _used;
    private int[] _starts = new int[256];
    private int[] _lengths = new int[256];
    private int[] _slots = new int[512];

    /// <summary>How many tokens there are.</summary>
    public int Count { get; private set; }

    /// <summary>The largest id plus one.</summary>
    public int Size { get; private set; }

    /// <summary>Whether an id has a token.</summary>
    public bool Contains(int id) => (uint)id < (uint)Size && _lengths[id] != 0;

    /// <summary>
    /// Whether a token stands for its own text rather than for bytes in the <see cref="ByteAlphabet"/>: it has characters outside of it,
    /// and only an added token brings it into a text.
    /// </summary>
    public bool IsLiteral(int id) => _lengths[id] < 0;

    /// <summary>What a token stands for.</summary>
    public ReadOnlySpan<byte> Bytes(int id) => Contains(id) ? _bytes.AsSpan(_starts[id], Math.Abs(_lengths[id])) : default;

    /// <summary>The id of a token by its bytes; -1 for none.</summary>
    // Loading calls it a hundred thousand times before tiered compilation would notice.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Find(ReadOnlySpan<byte> bytes, bool literal = false)
    {
        int mask = _slots.Length - 1;
        for (int slot = Hash(bytes) & mask; _slots[slot] is > 0 and var entry; slot = (slot + 1) & mask)
        {
            int id = entry - 1;
            if (_lengths[id] < 0 == literal && Bytes(id).SequenceEqual(bytes))
            {
                return id;
            }
        }

        return -1;
    }

    /// <summary>Adds a token; its id and its bytes must be new, its bytes not empty.</summary>
    public void Add(int id, ReadOnlySpan<byte> bytes, bool literal)
    {
        Reserve(id, bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_used));
        _starts[id] = _used;
        _lengths[id] = literal ? -bytes.Length : bytes.Length;
        _used += bytes.Length;
        Size = Math.Max(Size, id + 1);
        Count++;
        if (Count * 2 > _slots.Length)
        {
            _slots = new int[_slots.Length * 2];
            for (int old = 0; old < Size; old++)
            {
                if (_lengths[old] != 0)
                {
                    Place(old);
                }
            }
        }
        else
        {
            Place(id);
        }
    }

    // The hash is seeded anew in every process, so no file can be made whose tokens all collide.
    private static int Hash(ReadOnlySpan<byte> bytes)
    {
        HashCode hash = default;
        hash.AddBytes(bytes);
        return hash.ToHashCode();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Place(int id)
    {
        int mask = _slots.Length - 1;
        int slot = Hash(Bytes(id)) & mask;
        while (_slots[slot] != 0)
        {
            slot = (slot + 1) & mask;
        }

        _slots[slot] = id + 1;
    }

    private void Reserve(int id, int length)
    {
        if (_bytes.Length - _used < length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _used + length));
        }

        if (id >= _starts.Length)
        {
            int size = Math.Max(_starts.Length * 2, id + 1);
            Array.Resize(ref _starts, size);
            Array.Resize(ref _lengths, size);
        }
    }
}
