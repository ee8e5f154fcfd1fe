using System.Numerics;
using System.Runtime.InteropServices;

namespace Importer.Training.Distributed;

/// <summary>Arrays in memory, cut into pieces of one size that may span several of them.</summary>
internal sealed unsafe class Buckets
{
    private readonly List<List<(nint Address, int Bytes)>> _parts = [];

    /// <param name="arrays">Addresses and lengths in bytes.</param>
    /// <param name="size">Bytes of a bucket, a multiple of an element's; the last one may have fewer.</param>
    public Buckets(IEnumerable<(nint Address, long Bytes)> arrays, int size)
    {
        int room = 0;
        foreach (var (start, bytes) in arrays)
        {
            for (long done = 0; done < bytes;)
            {
                if (room == 0)
                {
                    _parts.Add([]);
                    Sizes.Add(0);
                    room = size;
                }

                int part = (int)Math.Min(room, bytes - done);
                _parts[^1].Add(((nint)(start + done), part));
                Sizes[^1] += part;
                room -= part;
                done += part;
            }
        }
    }

    public int Count => _parts.Count;

    /// <summary>Bytes of each.</summary>
    public List<int> Sizes { get; } = [];

    /// <summary>Copies a bucket out of the arrays.</summary>
    public void Pack(int bucket, Span<byte> into)
    {
        foreach (var (address, bytes) in _parts[bucket])
        {
            new ReadOnlySpan<byte>((void*)address, bytes).CopyTo(into);
            into = into[bytes..];
        }
    }

    /// <summary>Copies a bucket into the arrays.</summary>
    public void Unpack(int bucket, ReadOnlySpan<byte> from)
    {
        foreach (var (address, bytes) in _parts[bucket])
        {
            from[..bytes].CopyTo(new Span<byte>((void*)address, bytes));
            from = from[bytes..];
        }
    }

    /// <summary>Adds to a bucket's numbers in the arrays.</summary>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    public void Add<T>(int bucket, ReadOnlySpan<byte> from)
        where T : unmanaged, INumber<T>
    {
        foreach (var (address, bytes) in _parts[bucket])
        {
            Add(new Span<T>((void*)address, bytes / sizeof(T)), MemoryMarshal.Cast<byte, T>(from[..bytes]));
            from = from[bytes..];
        }
    }

    private static void Add<T>(Span<T> sum, ReadOnlySpan<T> others)
        where T : unmanaged, INumber<T>
    {
        int i = 0;
        for (; i <= sum.Length - Vector<T>.Count; i += Vector<T>.Count)
        {
            (new Vector<T>(sum[i..]) + new Vector<T>(others[i..])).CopyTo(sum[i..]);
        }

        for (; i < sum.Length; i++)
        {
            sum[i] += others[i];
        }
    }
}
