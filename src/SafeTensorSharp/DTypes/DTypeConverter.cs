using System.Runtime.InteropServices;

namespace SafeTensorSharp;

/// <summary>
/// Converts elements between types: between F16, BF16, F32 and F64 in every direction, rounded once, to nearest, ties to even; from the
/// 8-bit and 4-bit floats to those four by exact tables; and from the unsigned integers to signed ones that hold them (U16 to I32, U32 to
/// I64, and U64 to I64 where the value fits). F6 and C64 convert to themselves only. NaN stays NaN; what is too large becomes infinite.
/// </summary>
public static class DTypeConverter
{
    // Two-step conversions go through F32 in portions that stay in the first-level cache.
    private const int PortionElements = 1024;

    /// <summary>Whether <see cref="Convert"/> knows the pair; always so for a type and itself.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One of the types is not a defined value.</exception>
    public static bool CanConvert(DType from, DType to)
    {
        _ = (DTypes.BitSize(from), DTypes.BitSize(to));
        return from == to
            || (IsFloat(to) && (IsFloat(from) || SmallFloats.Has(from)))
            || (from, to) is (DType.U16, DType.I32) or (DType.U32, DType.I64) or (DType.U64, DType.I64);
    }

    /// <summary>Converts elements. Neither span need be aligned.</summary>
    /// <param name="source">Whole elements, little-endian. F4 holds two in a byte, the first in the low half, as torch packs them.</param>
    /// <param name="from">Their type.</param>
    /// <param name="destination">As many elements; not overlapping the source.</param>
    /// <param name="to">Their type.</param>
    /// <exception cref="NotSupportedException">The pair is not known (<see cref="CanConvert"/>).</exception>
    /// <exception cref="ArgumentException">The lengths do not fit together, or the spans overlap.</exception>
    /// <exception cref="SafeTensorDataException">
    /// A U64 is over 2^63-1 (<see cref="SafeTensorErrorKind.ValueOutOfRange"/>); what the destination then holds is undefined.
    /// </exception>
    /// <exception cref="PlatformNotSupportedException">The processor is big-endian.</exception>
    public static void Convert(ReadOnlySpan<byte> source, DType from, Span<byte> destination, DType to)
    {
        if (!CanConvert(from, to))
        {
            throw new NotSupportedException($"{DTypes.Name(from)} does not convert to {DTypes.Name(to)}.");
        }

        if (!BitConverter.IsLittleEndian)
        {
            throw new PlatformNotSupportedException("Elements are little-endian, and this processor is not.");
        }

        CheckLengths(source, from, destination, to);
        if (source.Overlaps(destination))
        {
            throw new ArgumentException("The spans overlap.", nameof(destination));
        }

        if (from == to)
        {
            source.CopyTo(destination);
        }
        else if (IsFloat(to))
        {
            ConvertFloats(source, from, destination, to);
        }
        else
        {
            IntegerConversion.Widen(source, from, destination);
        }
    }

    private static bool IsFloat(DType dtype) => dtype is DType.F16 or DType.BF16 or DType.F32 or DType.F64;

    private static void CheckLengths(ReadOnlySpan<byte> source, DType from, Span<byte> destination, DType to)
    {
        long sourceBits = source.Length * 8L;
        (long count, long rest) = Math.DivRem(sourceBits, DTypes.BitSize(from));
        if (rest != 0)
        {
            throw new ArgumentException($"{source.Length} bytes are not whole elements of {DTypes.Name(from)}.", nameof(source));
        }

        if (destination.Length * 8L != count * DTypes.BitSize(to))
        {
            throw new ArgumentException(
                $"{count} elements of {DTypes.Name(to)} take {count * DTypes.BitSize(to) / 8} bytes, not {destination.Length}.",
                nameof(destination));
        }
    }

    private static void ConvertFloats(ReadOnlySpan<byte> source, DType from, Span<byte> destination, DType to)
    {
        if (to == DType.F32)
        {
            ToSingle(source, from, destination);
            return;
        }

        if (from == DType.F32)
        {
            FromSingle(source, destination, to);
            return;
        }

        Span<float> portion = stackalloc float[PortionElements];
        int sourceBits = DTypes.BitSize(from);
        int size = DTypes.BitSize(to) / 8;
        for (int done = 0; done < destination.Length / size; done += PortionElements)
        {
            int count = Math.Min(PortionElements, (destination.Length / size) - done);
            Span<byte> singles = MemoryMarshal.AsBytes(portion[..count]);
            ReadOnlySpan<byte> part = source.Slice((int)((long)done * sourceBits / 8), count * sourceBits / 8);
            if (from == DType.F64)
            {
                // Rounding twice to nearest can be wrong by one; to odd, then to nearest, never is.
                FloatConversion.DoubleToSingleOdd(part, singles);
            }
            else
            {
                ToSingle(part, from, singles);
            }

            FromSingle(singles, destination.Slice(done * size, count * size), to);
        }
    }

    private static void ToSingle(ReadOnlySpan<byte> source, DType from, Span<byte> destination)
    {
        switch (from)
        {
            case DType.F16:
                FloatConversion.HalfToSingle(source, destination);
                break;
            case DType.BF16:
                FloatConversion.BrainToSingle(source, destination);
                break;
            case DType.F64:
                FloatConversion.DoubleToSingle(source, destination);
                break;
            default:
                SmallFloats.ToSingle(source, from, destination);
                break;
        }
    }

    private static void FromSingle(ReadOnlySpan<byte> source, Span<byte> destination, DType to)
    {
        switch (to)
        {
            case DType.F16:
                FloatConversion.SingleToHalf(source, destination);
                break;
            case DType.BF16:
                FloatConversion.SingleToBrain(source, destination);
                break;
            default:
                FloatConversion.SingleToDouble(source, destination);
                break;
        }
    }
}
