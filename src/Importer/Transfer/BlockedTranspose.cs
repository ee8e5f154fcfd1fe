using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Importer.Transfer;

/// <summary>
/// Transposes matrices in memory, tile by tile, so that both sides stay in the cache; 4- and 2-byte elements go
/// through registers, eight rows at a time, where the processor can.
/// </summary>
internal static unsafe class BlockedTranspose
{
    // 64 x 64 four-byte elements are 16 KiB in and 16 KiB out: a tile of each fits the first-level cache of anything recent.
    private const int Tile = 64;

    /// <summary>Writes <c>destination[c][r] = source[r][c]</c>.</summary>
    /// <param name="source">The first element of the first source row.</param>
    /// <param name="sourceStride">Bytes from one source row to the next.</param>
    /// <param name="rows">Source rows.</param>
    /// <param name="columns">Source columns.</param>
    /// <param name="destination">Where the first element goes; must not overlap the source.</param>
    /// <param name="destinationStride">Bytes from one destination row to the next.</param>
    /// <param name="elementSize">Bytes of an element: 1, 2, 4, 8 or 16.</param>
    /// <param name="streaming">
    /// Whether the destination is far larger than the caches and not read soon: its lines then go around them where they can,
    /// which saves reading what is about to be overwritten.
    /// </param>
    public static void Transpose(
        byte* source, nint sourceStride, long rows, long columns, byte* destination, nint destinationStride, int elementSize,
        bool streaming = false)
    {
        if (streaming && elementSize == 4 && Avx.IsSupported && ((nint)destination | destinationStride) % Vector256<byte>.Count == 0)
        {
            Tiles<uint, StreamingStore>(source, sourceStride, rows, columns, destination, destinationStride);
            Sse.StoreFence(); // such stores are not ordered with the ones that tell another thread that it is done
            return;
        }

        switch (elementSize)
        {
            case 1:
                Tiles<byte, CachedStore>(source, sourceStride, rows, columns, destination, destinationStride);
                break;
            case 2:
                Tiles<ushort, CachedStore>(source, sourceStride, rows, columns, destination, destinationStride);
                break;
            case 4:
                Tiles<uint, CachedStore>(source, sourceStride, rows, columns, destination, destinationStride);
                break;
            case 8:
                Tiles<ulong, CachedStore>(source, sourceStride, rows, columns, destination, destinationStride);
                break;
            case 16:
                Tiles<UInt128, CachedStore>(source, sourceStride, rows, columns, destination, destinationStride);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(elementSize), elementSize, "An element takes 1, 2, 4, 8 or 16 bytes.");
        }
    }

    // Compiled at full optimisation from the start: one import is over before tiered compilation would get to it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tiles<T, TStore>(byte* source, nint sourceStride, long rows, long columns, byte* destination, nint destinationStride)
        where T : unmanaged
        where TStore : IVectorStore
    {
        for (long r = 0; r < rows; r += Tile)
        {
            int tileRows = (int)Math.Min(Tile, rows - r);
            for (long c = 0; c < columns; c += Tile)
            {
                int tileColumns = (int)Math.Min(Tile, columns - c);
                byte* from = source + (nint)r * sourceStride + (nint)c * sizeof(T);
                byte* to = destination + (nint)c * destinationStride + (nint)r * sizeof(T);
                OneTile<T, TStore>(from, sourceStride, tileRows, tileColumns, to, destinationStride);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OneTile<T, TStore>(byte* source, nint sourceStride, int rows, int columns, byte* destination, nint destinationStride)
        where T : unmanaged
        where TStore : IVectorStore
    {
        int fullRows = 0, fullColumns = 0;
        if (sizeof(T) == 4 && Avx.IsSupported)
        {
            fullRows = rows & ~15;
            fullColumns = columns & ~15;
            for (int c = 0; c < fullColumns; c += 16)
            {
                for (int r = 0; r < fullRows; r += 16)
                {
                    byte* from = source + r * sourceStride + c * 4;
                    byte* to = destination + c * destinationStride + r * 4;

                    // Four kernels, so that every cache line of both sides is used up while it is there.
                    Eight4<TStore>(from, sourceStride, to, destinationStride);
                    Eight4<TStore>(from + 8 * sourceStride, sourceStride, to + 32, destinationStride);
                    Eight4<TStore>(from + 32, sourceStride, to + 8 * destinationStride, destinationStride);
                    Eight4<TStore>(from + 32 + 8 * sourceStride, sourceStride, to + 8 * destinationStride + 32, destinationStride);
                }
            }
        }
        else if (sizeof(T) == 2 && Sse2.IsSupported)
        {
            fullRows = rows & ~7;
            fullColumns = columns & ~7;
            for (int c = 0; c < fullColumns; c += 8)
            {
                for (int r = 0; r < fullRows; r += 8)
                {
                    Eight2(source + r * sourceStride + c * 2, sourceStride, destination + c * destinationStride + r * 2, destinationStride);
                }
            }
        }

        // What the kernels left: the columns on the right, then the rows at the bottom.
        Elements<T>(source, sourceStride, 0, rows, fullColumns, columns, destination, destinationStride);
        Elements<T>(source, sourceStride, fullRows, rows, 0, fullColumns, destination, destinationStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Elements<T>(
        byte* source, nint sourceStride, int fromRow, int toRow, int fromColumn, int toColumn, byte* destination, nint destinationStride)
        where T : unmanaged
    {
        for (int c = fromColumn; c < toColumn; c++)
        {
            byte* to = destination + c * destinationStride;
            byte* from = source + (nint)c * sizeof(T);
            for (int r = fromRow; r < toRow; r++)
            {
                // Unaligned on purpose: the data of a safetensors file may begin at any byte.
                Unsafe.WriteUnaligned(to + (nint)r * sizeof(T), Unsafe.ReadUnaligned<T>(from + r * sourceStride));
            }
        }
    }

    /// <summary>8 × 8 four-byte elements: pairs within halves, then halves across.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Eight4<TStore>(byte* source, nint stride, byte* destination, nint destinationStride)
        where TStore : IVectorStore
    {
        var r0 = Avx.LoadVector256((float*)source);
        var r1 = Avx.LoadVector256((float*)(source + stride));
        var r2 = Avx.LoadVector256((float*)(source + 2 * stride));
        var r3 = Avx.LoadVector256((float*)(source + 3 * stride));
        var r4 = Avx.LoadVector256((float*)(source + 4 * stride));
        var r5 = Avx.LoadVector256((float*)(source + 5 * stride));
        var r6 = Avx.LoadVector256((float*)(source + 6 * stride));
        var r7 = Avx.LoadVector256((float*)(source + 7 * stride));

        var a0 = Avx.UnpackLow(r0, r1);
        var a1 = Avx.UnpackHigh(r0, r1);
        var a2 = Avx.UnpackLow(r2, r3);
        var a3 = Avx.UnpackHigh(r2, r3);
        var a4 = Avx.UnpackLow(r4, r5);
        var a5 = Avx.UnpackHigh(r4, r5);
        var a6 = Avx.UnpackLow(r6, r7);
        var a7 = Avx.UnpackHigh(r6, r7);

        var b0 = Avx.Shuffle(a0, a2, 0x44);
        var b1 = Avx.Shuffle(a0, a2, 0xEE);
        var b2 = Avx.Shuffle(a1, a3, 0x44);
        var b3 = Avx.Shuffle(a1, a3, 0xEE);
        var b4 = Avx.Shuffle(a4, a6, 0x44);
        var b5 = Avx.Shuffle(a4, a6, 0xEE);
        var b6 = Avx.Shuffle(a5, a7, 0x44);
        var b7 = Avx.Shuffle(a5, a7, 0xEE);

        TStore.Store((float*)destination, Avx.Permute2x128(b0, b4, 0x20));
        TStore.Store((float*)(destination + destinationStride), Avx.Permute2x128(b1, b5, 0x20));
        TStore.Store((float*)(destination + 2 * destinationStride), Avx.Permute2x128(b2, b6, 0x20));
        TStore.Store((float*)(destination + 3 * destinationStride), Avx.Permute2x128(b3, b7, 0x20));
        TStore.Store((float*)(destination + 4 * destinationStride), Avx.Permute2x128(b0, b4, 0x31));
        TStore.Store((float*)(destination + 5 * destinationStride), Avx.Permute2x128(b1, b5, 0x31));
        TStore.Store((float*)(destination + 6 * destinationStride), Avx.Permute2x128(b2, b6, 0x31));
        TStore.Store((float*)(destination + 7 * destinationStride), Avx.Permute2x128(b3, b7, 0x31));
    }

    /// <summary>8 × 8 two-byte elements: interleave by 2, by 4, by 8 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Eight2(byte* source, nint stride, byte* destination, nint destinationStride)
    {
        var r0 = Sse2.LoadVector128((ushort*)source);
        var r1 = Sse2.LoadVector128((ushort*)(source + stride));
        var r2 = Sse2.LoadVector128((ushort*)(source + 2 * stride));
        var r3 = Sse2.LoadVector128((ushort*)(source + 3 * stride));
        var r4 = Sse2.LoadVector128((ushort*)(source + 4 * stride));
        var r5 = Sse2.LoadVector128((ushort*)(source + 5 * stride));
        var r6 = Sse2.LoadVector128((ushort*)(source + 6 * stride));
        var r7 = Sse2.LoadVector128((ushort*)(source + 7 * stride));

        var a0 = Sse2.UnpackLow(r0, r1).AsUInt32();
        var a1 = Sse2.UnpackHigh(r0, r1).AsUInt32();
        var a2 = Sse2.UnpackLow(r2, r3).AsUInt32();
        var a3 = Sse2.UnpackHigh(r2, r3).AsUInt32();
        var a4 = Sse2.UnpackLow(r4, r5).AsUInt32();
        var a5 = Sse2.UnpackHigh(r4, r5).AsUInt32();
        var a6 = Sse2.UnpackLow(r6, r7).AsUInt32();
        var a7 = Sse2.UnpackHigh(r6, r7).AsUInt32();

        var b0 = Sse2.UnpackLow(a0, a2).AsUInt64();
        var b1 = Sse2.UnpackHigh(a0, a2).AsUInt64();
        var b2 = Sse2.UnpackLow(a1, a3).AsUInt64();
        var b3 = Sse2.UnpackHigh(a1, a3).AsUInt64();
        var b4 = Sse2.UnpackLow(a4, a6).AsUInt64();
        var b5 = Sse2.UnpackHigh(a4, a6).AsUInt64();
        var b6 = Sse2.UnpackLow(a5, a7).AsUInt64();
        var b7 = Sse2.UnpackHigh(a5, a7).AsUInt64();

        Sse2.Store((ulong*)destination, Sse2.UnpackLow(b0, b4));
        Sse2.Store((ulong*)(destination + destinationStride), Sse2.UnpackHigh(b0, b4));
        Sse2.Store((ulong*)(destination + 2 * destinationStride), Sse2.UnpackLow(b1, b5));
        Sse2.Store((ulong*)(destination + 3 * destinationStride), Sse2.UnpackHigh(b1, b5));
        Sse2.Store((ulong*)(destination + 4 * destinationStride), Sse2.UnpackLow(b2, b6));
        Sse2.Store((ulong*)(destination + 5 * destinationStride), Sse2.UnpackHigh(b2, b6));
        Sse2.Store((ulong*)(destination + 6 * destinationStride), Sse2.UnpackLow(b3, b7));
        Sse2.Store((ulong*)(destination + 7 * destinationStride), Sse2.UnpackHigh(b3, b7));
    }

    /// <summary>How a kernel writes; a type, so that each way is compiled for itself.</summary>
    private interface IVectorStore
    {
        static abstract void Store(float* address, Vector256<float> value);
    }

    private readonly struct CachedStore : IVectorStore
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Store(float* address, Vector256<float> value) => Avx.Store(address, value);
    }

    private readonly struct StreamingStore : IVectorStore
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Store(float* address, Vector256<float> value) => Avx.StoreAlignedNonTemporal(address, value);
    }
}
