using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace SafeTensorSharp;

/// <summary>Names, sizes and relations of the 22 element types (<see cref="DType"/>).</summary>
public static class DTypes
{
    // In the enum's order: name and bits of one element.
    private static readonly (string Name, byte[] Utf8, int Bits)[] Table =
    [
        Row("BOOL", 8), Row("F4", 4), Row("F6_E2M3", 6), Row("F6_E3M2", 6), Row("U8", 8), Row("I8", 8),
        Row("F8_E5M2", 8), Row("F8_E4M3", 8), Row("F8_E5M2FNUZ", 8), Row("F8_E4M3FNUZ", 8), Row("F8_E8M0", 8),
        Row("I16", 16), Row("U16", 16), Row("F16", 16), Row("BF16", 16), Row("I32", 32), Row("U32", 32),
        Row("F32", 32), Row("C64", 64), Row("F64", 64), Row("I64", 64), Row("U64", 64),
    ];

    /// <summary>All element types, in the format's order of increasing alignment.</summary>
    public static IReadOnlyList<DType> All { get; } = [.. Enum.GetValues<DType>()];

    /// <summary>The name that the file format uses, such as <c>BF16</c> or <c>F8_E4M3</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dtype"/> is not a defined value.</exception>
    public static string Name(DType dtype) => Get(dtype).Name;

    /// <summary>The size of one element in bits: 4, 6, 8, 16, 32 or 64.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dtype"/> is not a defined value.</exception>
    public static int BitSize(DType dtype) => Get(dtype).Bits;

    /// <summary>
    /// The alignment in bytes that a pointer to an element should have: the element's size, for <c>C64</c> that of its two
    /// halves (4), and 1 for elements of a byte or less.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="dtype"/> is not a defined value.</exception>
    public static int Alignment(DType dtype) => dtype == DType.C64 ? 4 : Math.Max(1, BitSize(dtype) / 8);

    /// <summary>The bytes that <paramref name="elementCount"/> elements take.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative, or the type is not a defined value.</exception>
    /// <exception cref="ArgumentException">Elements of 4 or 6 bits do not fill whole bytes.</exception>
    /// <exception cref="OverflowException">The number of bytes is over 2^63-1.</exception>
    public static long ByteCount(DType dtype, long elementCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(elementCount);
        UInt128 bits = (UInt128)(ulong)elementCount * (uint)BitSize(dtype);
        return (bits & 7) == 0
            ? checked((long)(bits >> 3))
            : throw new ArgumentException($"{elementCount} elements of {Name(dtype)} do not fill whole bytes.", nameof(elementCount));
    }

    /// <summary>Finds the type that the file format calls <paramref name="name"/>; upper and lower case are different.</summary>
    /// <returns>False when there is no such type.</returns>
    public static bool TryParse([NotNullWhen(true)] string? name, out DType dtype)
    {
        for (int i = 0; i < Table.Length; i++)
        {
            if (string.Equals(Table[i].Name, name, StringComparison.Ordinal))
            {
                dtype = (DType)i;
                return true;
            }
        }

        dtype = default;
        return false;
    }

    /// <summary>
    /// Whether <see cref="DTypeConverter.Convert"/> gives every value of <paramref name="from"/> exactly in <paramref name="to"/>
    /// (NaN stays NaN). False also for pairs that it does not convert.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">One of the types is not a defined value.</exception>
    public static bool IsLossless(DType from, DType to)
    {
        _ = (Get(from), Get(to));
        return from == to || (from, to) switch
        {
            (DType.U16, DType.I32) or (DType.U32, DType.I64) => true,
            (DType.F16 or DType.BF16 or DType.F32, DType.F32 or DType.F64) => true,
            // 2^-127 … 2^127: the exponents of single precision and of BF16, but not of half precision.
            (DType.F8E8M0, DType.BF16 or DType.F32 or DType.F64) => true,
            (DType.F4 or DType.F8E4M3 or DType.F8E5M2 or DType.F8E4M3Fnuz or DType.F8E5M2Fnuz,
                DType.F16 or DType.BF16 or DType.F32 or DType.F64) => true,
            _ => false,
        };
    }

    internal static bool TryParse(ReadOnlySpan<byte> utf8, out DType dtype)
    {
        for (int i = 0; i < Table.Length; i++)
        {
            if (utf8.SequenceEqual(Table[i].Utf8))
            {
                dtype = (DType)i;
                return true;
            }
        }

        dtype = default;
        return false;
    }

    internal static ReadOnlySpan<byte> Utf8Name(DType dtype) => Get(dtype).Utf8;

    private static (string Name, byte[] Utf8, int Bits) Row(string name, int bits) => (name, Encoding.ASCII.GetBytes(name), bits);

    private static ref readonly (string Name, byte[] Utf8, int Bits) Get(DType dtype)
    {
        if ((uint)dtype >= (uint)Table.Length)
        {
            throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "This is not one of the 22 element types.");
        }

        return ref Table[(int)dtype];
    }
}
