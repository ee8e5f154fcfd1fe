using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SafeTensorSharp;

/// <summary>Looks at values after they are read: <c>BOOL</c> bytes always, NaN and infinity where that is asked for.</summary>
internal static class ValueChecks
{
    /// <summary>The index of the first byte that is neither 0 nor 1, or -1.</summary>
    public static int FirstInvalidBool(ReadOnlySpan<byte> bytes) => bytes.IndexOfAnyExceptInRange((byte)0, (byte)1);

    /// <summary>Makes every byte other than 0 a 1.</summary>
    public static void NormalizeBools(Span<byte> bytes)
    {
        int next;
        while ((next = FirstInvalidBool(bytes)) >= 0)
        {
            bytes[next] = 1;
            bytes = bytes[(next + 1)..];
        }
    }

    /// <summary>The index in bytes of the first element that is NaN or infinite, or -1; the bytes are whole elements.</summary>
    public static int FirstNonFinite(ReadOnlySpan<byte> bytes, DType dtype) => dtype switch
    {
        DType.F16 => FirstAtLeast<ushort>(bytes, 0x7FFF, 0x7C00),
        DType.BF16 => FirstAtLeast<ushort>(bytes, 0x7FFF, 0x7F80),
        DType.F32 or DType.C64 => FirstAtLeast<uint>(bytes, 0x7FFF_FFFF, 0x7F80_0000),
        DType.F64 => FirstAtLeast<ulong>(bytes, 0x7FFF_FFFF_FFFF_FFFF, 0x7FF0_0000_0000_0000),
        DType.F8E5M2 => FirstAtLeast<byte>(bytes, 0x7F, 0x7C),
        DType.F8E4M3 => FirstAtLeast<byte>(bytes, 0x7F, 0x7F),
        DType.F8E4M3Fnuz or DType.F8E5M2Fnuz => bytes.IndexOf((byte)0x80),
        DType.F8E8M0 => bytes.IndexOf((byte)0xFF),
        _ => -1,
    };

    // In every format with infinities, NaN and infinity are the largest magnitudes.
    private static int FirstAtLeast<T>(ReadOnlySpan<byte> bytes, T magnitude, T limit)
        where T : unmanaged, IBinaryInteger<T>
    {
        ref byte start = ref MemoryMarshal.GetReference(bytes);
        int size = Unsafe.SizeOf<T>();
        int i = 0;
        Vector<T> mask = new(magnitude);
        Vector<T> limits = new(limit);
        for (; i <= bytes.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector<T> values = Unsafe.ReadUnaligned<Vector<T>>(ref Unsafe.Add(ref start, i));
            if (Vector.GreaterThanOrEqualAny(values & mask, limits))
            {
                break;
            }
        }

        for (; i <= bytes.Length - size; i += size)
        {
            if ((Unsafe.ReadUnaligned<T>(ref Unsafe.Add(ref start, i)) & magnitude) >= limit)
            {
                return i;
            }
        }

        return -1;
    }
}
