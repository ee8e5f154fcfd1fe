using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SafeTensorSharp;

/// <summary>
/// Conversions between half, brain, single and double precision on raw bytes, which need not be aligned. The last few elements go
/// through the same vector code one by one, so that an element's place never changes its result.
/// </summary>
internal static class FloatConversion
{
    private const uint Sign = 0x8000_0000;
    private const uint Infinity = 0x7F80_0000;

    public static void BrainToSingle(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        ref ushort from = ref Start<ushort>(source);
        ref uint to = ref Start<uint>(destination);
        nuint count = (nuint)source.Length / 2;
        nuint i = 0;
        for (; i + 16 <= count; i += 16)
        {
            (Vector256<uint> low, Vector256<uint> high) = Vector256.Widen(Vector256.LoadUnsafe(ref from, i));
            (low << 16).StoreUnsafe(ref to, i);
            (high << 16).StoreUnsafe(ref to, i + 8);
        }

        for (; i < count; i++)
        {
            Set(ref to, i, (uint)Get(ref from, i) << 16);
        }
    }

    public static void SingleToBrain(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        ref uint from = ref Start<uint>(source);
        ref ushort to = ref Start<ushort>(destination);
        nuint count = (nuint)source.Length / 4;
        nuint i = 0;
        for (; i + 16 <= count; i += 16)
        {
            Vector256<uint> low = ToBrain(Vector256.LoadUnsafe(ref from, i));
            Vector256<uint> high = ToBrain(Vector256.LoadUnsafe(ref from, i + 8));
            Vector256.Narrow(low, high).StoreUnsafe(ref to, i);
        }

        for (; i < count; i++)
        {
            Set(ref to, i, (ushort)ToBrain(Vector256.CreateScalar(Get(ref from, i))).ToScalar());
        }
    }

    public static void HalfToSingle(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        ref ushort from = ref Start<ushort>(source);
        ref uint to = ref Start<uint>(destination);
        nuint count = (nuint)source.Length / 2;
        nuint i = 0;
        for (; i + 16 <= count; i += 16)
        {
            (Vector256<uint> low, Vector256<uint> high) = Vector256.Widen(Vector256.LoadUnsafe(ref from, i));
            FromHalf(low).StoreUnsafe(ref to, i);
            FromHalf(high).StoreUnsafe(ref to, i + 8);
        }

        for (; i < count; i++)
        {
            Set(ref to, i, FromHalf(Vector256.CreateScalar((uint)Get(ref from, i))).ToScalar());
        }
    }

    public static void SingleToHalf(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        ref uint from = ref Start<uint>(source);
        ref ushort to = ref Start<ushort>(destination);
        nuint count = (nuint)source.Length / 4;
        nuint i = 0;
        for (; i + 16 <= count; i += 16)
        {
            Vector256<uint> low = ToHalf(Vector256.LoadUnsafe(ref from, i));
            Vector256<uint> high = ToHalf(Vector256.LoadUnsafe(ref from, i + 8));
            Vector256.Narrow(low, high).StoreUnsafe(ref to, i);
        }

        for (; i < count; i++)
        {
            Set(ref to, i, (ushort)ToHalf(Vector256.CreateScalar(Get(ref from, i))).ToScalar());
        }
    }

    public static void SingleToDouble(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        ref float from = ref Start<float>(source);
        ref double to = ref Start<double>(destination);
        nuint count = (nuint)source.Length / 4;
        for (nuint i = 0; i < count; i++)
        {
            Set(ref to, i, (double)Get(ref from, i));
        }
    }

    public static void DoubleToSingle(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        ref double from = ref Start<double>(source);
        ref float to = ref Start<float>(destination);
        nuint count = (nuint)source.Length / 8;
        for (nuint i = 0; i < count; i++)
        {
            Set(ref to, i, (float)Get(ref from, i));
        }
    }

    /// <summary>
    /// Rounds to odd: what is not exact goes to the neighbour whose last bit is 1. With two bits or more to spare, rounding that to
    /// nearest gives what rounding the double itself would (Boldo and Melquiond, IEEE Trans. Computers 57(4), 2008).
    /// </summary>
    public static void DoubleToSingleOdd(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        ref double from = ref Start<double>(source);
        ref float to = ref Start<float>(destination);
        nuint count = (nuint)source.Length / 8;
        for (nuint i = 0; i < count; i++)
        {
            Set(ref to, i, ToOdd(Get(ref from, i)));
        }
    }

    private static float ToOdd(double value)
    {
        float nearest = (float)value;
        uint bits = BitConverter.SingleToUInt32Bits(nearest);
        if (nearest == value || double.IsNaN(value) || (bits & 1) != 0)
        {
            return nearest;
        }

        // Even and not exact: the odd neighbour lies on the value's side. Rounded up in magnitude (to infinity too), one step back.
        return BitConverter.UInt32BitsToSingle(Math.Abs((double)nearest) > Math.Abs(value) ? bits - 1 : bits + 1);
    }

    // Adding half of the last place, or just less where it is even, carries into the exponent as it should. NaN could carry away to
    // infinity or zero, so it is cut instead, and made quiet.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> ToBrain(Vector256<uint> bits)
    {
        Vector256<uint> rounded = (bits + Vector256.Create(0x7FFFu) + ((bits >> 16) & Vector256<uint>.One)) >> 16;
        Vector256<uint> quiet = (bits >> 16) | Vector256.Create(0x0040u);
        return Vector256.ConditionalSelect(IsNaN(bits), quiet, rounded);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> FromHalf(Vector256<uint> half)
    {
        Vector256<uint> magnitude = (half & Vector256.Create(0x7FFFu)) << 13;
        Vector256<uint> exponent = magnitude & Vector256.Create(0x7C00u << 13);
        Vector256<uint> normal = magnitude + Vector256.Create((127u - 15) << 23);

        // Infinity and NaN: the exponent goes from 143 to 255.
        Vector256<uint> special = normal + Vector256.Create((255u - 143) << 23);

        // Subnormals: the mantissa under an implicit 1 at 2^-14, from which that 1 is taken off again; exact.
        Vector256<float> implicitOne = Vector256.Create((127u - 14) << 23).AsSingle();
        Vector256<uint> subnormal = ((normal + Vector256.Create(1u << 23)).AsSingle() - implicitOne).AsUInt32();
        Vector256<uint> result = Vector256.ConditionalSelect(Vector256.Equals(exponent, Vector256<uint>.Zero), subnormal, normal);
        result = Vector256.ConditionalSelect(Vector256.Equals(exponent, Vector256.Create(0x7C00u << 13)), special, result);
        return result | ((half & Vector256.Create(0x8000u)) << 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> ToHalf(Vector256<uint> bits)
    {
        Vector256<uint> magnitude = bits & Vector256.Create(~Sign);

        // Normal results: the exponent is moved from bias 127 to 15, then as in ToBrain.
        Vector256<uint> odd = (magnitude >> 13) & Vector256<uint>.One;
        Vector256<uint> normal = (magnitude - Vector256.Create((127u - 15) << 23) + Vector256.Create(0x0FFFu) + odd) >> 13;

        // Below 2^-14: adding 0.5 puts the last place of a half, 2^-24, at that of the sum, so that the processor rounds.
        Vector256<float> half = Vector256.Create(0.5f);
        Vector256<uint> subnormal = (magnitude.AsSingle() + half).AsUInt32() - half.AsUInt32();
        Vector256<uint> result = Vector256.ConditionalSelect(Below(magnitude, (127u - 14) << 23), subnormal, normal);

        // From 65520 on the nearest half is infinity.
        result = Vector256.ConditionalSelect(Below(magnitude, 0x477F_F000), result, Vector256.Create(0x7C00u));
        Vector256<uint> quiet = Vector256.Create(0x7E00u) | ((magnitude >> 13) & Vector256.Create(0x03FFu));
        result = Vector256.ConditionalSelect(IsNaN(bits), quiet, result);
        return result | ((bits & Vector256.Create(Sign)) >> 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> IsNaN(Vector256<uint> bits) =>
        Vector256.GreaterThan((bits & Vector256.Create(~Sign)).AsInt32(), Vector256.Create((int)Infinity)).AsUInt32();

    // Magnitudes have no sign bit, and signed comparison is what AVX2 has.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Below(Vector256<uint> magnitude, uint limit) =>
        Vector256.LessThan(magnitude.AsInt32(), Vector256.Create((int)limit)).AsUInt32();

    private static ref T Start<T>(ReadOnlySpan<byte> bytes)
        where T : unmanaged => ref Unsafe.As<byte, T>(ref MemoryMarshal.GetReference(bytes));

    private static T Get<T>(ref T start, nuint index)
        where T : unmanaged => Unsafe.ReadUnaligned<T>(ref Unsafe.As<T, byte>(ref Unsafe.Add(ref start, index)));

    private static void Set<T>(ref T start, nuint index, T value)
        where T : unmanaged => Unsafe.WriteUnaligned(ref Unsafe.As<T, byte>(ref Unsafe.Add(ref start, index)), value);
}
