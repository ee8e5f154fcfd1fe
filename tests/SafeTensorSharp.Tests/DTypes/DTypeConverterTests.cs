using System.Runtime.InteropServices;

namespace SafeTensorSharp.Tests;

public sealed class DTypeConverterTests
{
    private static readonly DType[] Floats = [DType.F16, DType.BF16, DType.F32, DType.F64];

    [Fact]
    public void Halves_to_singles_are_exact_for_all_65536()
    {
        ushort[] halves = [.. Enumerable.Range(0, 65_536).Select(i => (ushort)i)];
        float[] singles = Convert<ushort, float>(halves, DType.F16, DType.F32);
        for (int i = 0; i < 65_536; i++)
        {
            float expected = (float)BitConverter.UInt16BitsToHalf(halves[i]);
            Assert.True(float.IsNaN(expected) ? float.IsNaN(singles[i]) && float.IsNegative(singles[i]) == (i >= 0x8000) : Same(expected, singles[i]), $"{i:X4}");
        }
    }

    [Fact]
    public void Brains_to_singles_are_the_upper_half_for_all_65536()
    {
        ushort[] brains = [.. Enumerable.Range(0, 65_536).Select(i => (ushort)i)];
        uint[] singles = Convert<ushort, uint>(brains, DType.BF16, DType.F32);
        Assert.All(Enumerable.Range(0, 65_536), i => Assert.Equal((uint)i << 16, singles[i]));
    }

    [Theory]
    [InlineData(DType.F16)]
    [InlineData(DType.BF16)]
    public void Every_16_bit_float_survives_the_way_through_the_wider_ones(DType dtype)
    {
        ushort[] all = [.. Enumerable.Range(0, 65_536).Select(i => (ushort)i)];
        foreach (DType wide in new[] { DType.F32, DType.F64 })
        {
            byte[] wider = new byte[65_536 * DTypes.BitSize(wide) / 8];
            DTypeConverter.Convert(MemoryMarshal.AsBytes(all.AsSpan()), dtype, wider, wide);
            ushort[] back = new ushort[65_536];
            DTypeConverter.Convert(wider, wide, MemoryMarshal.AsBytes(back.AsSpan()), dtype);
            Assert.All(Enumerable.Range(0, 65_536), i => Assert.True(all[i] == back[i] || (IsNaN(all[i], dtype) && IsNaN(back[i], dtype)), $"{i:X4}"));
        }
    }

    [Fact]
    public void Singles_round_to_halves_as_the_framework_rounds_them()
    {
        uint[] bits = InterestingSingles();
        ushort[] halves = Convert<uint, ushort>(bits, DType.F32, DType.F16);
        for (int i = 0; i < bits.Length; i++)
        {
            float value = BitConverter.UInt32BitsToSingle(bits[i]);
            ushort expected = BitConverter.HalfToUInt16Bits((Half)value);
            Assert.True(float.IsNaN(value) ? IsNaN(halves[i], DType.F16) && halves[i] >= 0x8000 == float.IsNegative(value) : expected == halves[i], $"{bits[i]:X8}: {halves[i]:X4}");
        }
    }

    [Fact]
    public void Singles_round_to_the_nearest_brain_and_ties_to_even()
    {
        uint[] bits = InterestingSingles();
        ushort[] brains = Convert<uint, ushort>(bits, DType.F32, DType.BF16);
        for (int i = 0; i < bits.Length; i++)
        {
            Assert.True(IsNearest(BitConverter.UInt32BitsToSingle(bits[i]), brains[i], DType.BF16), $"{bits[i]:X8}: {brains[i]:X4}");
        }
    }

    [Theory]
    [InlineData(DType.F16)]
    [InlineData(DType.BF16)]
    public void Doubles_round_once(DType to)
    {
        // The middle between two neighbours, and the doubles beside it: rounding to single precision first would make them ties.
        List<double> values = [0, -0.0, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon, double.MaxValue, 65_519.999999999, 65_520, 1e-40, 3e-8];
        for (int code = 0; code < 0x7F80; code += 7)
        {
            double middle = (ToDouble((ushort)code, to) + ToDouble((ushort)(code + 1), to)) / 2;
            if (double.IsFinite(middle))
            {
                values.AddRange([middle, Math.BitIncrement(middle), Math.BitDecrement(middle), -middle, -Math.BitIncrement(middle)]);
            }
        }

        ushort[] rounded = Convert<double, ushort>([.. values], DType.F64, to);
        for (int i = 0; i < values.Count; i++)
        {
            Assert.True(IsNearest(values[i], rounded[i], to), $"{values[i]:R}: {rounded[i]:X4}");
        }
    }

    [Fact]
    public void Singles_and_doubles_convert_as_the_processor_does()
    {
        float[] singles = [.. InterestingSingles().Select(BitConverter.UInt32BitsToSingle)];
        double[] doubles = Convert<float, double>(singles, DType.F32, DType.F64);
        Assert.All(Enumerable.Range(0, singles.Length), i => Assert.Equal((double)singles[i], doubles[i]));
        Assert.Equal([1f, -0f, float.NaN, float.PositiveInfinity, 0f], Convert<double, float>([1 + 1e-9, -0.0, double.NaN, 1e39, 1e-60], DType.F64, DType.F32));
    }

    [Theory]
    [InlineData(DType.F8E4M3, 0x00, 0)]
    [InlineData(DType.F8E4M3, 0x01, 0.001953125)]
    [InlineData(DType.F8E4M3, 0x08, 0.015625)]
    [InlineData(DType.F8E4M3, 0x38, 1)]
    [InlineData(DType.F8E4M3, 0x7E, 448)]
    [InlineData(DType.F8E4M3, 0xFE, -448)]
    [InlineData(DType.F8E4M3, 0x7F, double.NaN)]
    [InlineData(DType.F8E4M3, 0xFF, double.NaN)]
    [InlineData(DType.F8E5M2, 0x01, 1.52587890625e-05)]
    [InlineData(DType.F8E5M2, 0x3C, 1)]
    [InlineData(DType.F8E5M2, 0x7B, 57344)]
    [InlineData(DType.F8E5M2, 0x7C, double.PositiveInfinity)]
    [InlineData(DType.F8E5M2, 0xFC, double.NegativeInfinity)]
    [InlineData(DType.F8E5M2, 0x7D, double.NaN)]
    [InlineData(DType.F8E4M3Fnuz, 0x01, 0.0009765625)]
    [InlineData(DType.F8E4M3Fnuz, 0x40, 1)]
    [InlineData(DType.F8E4M3Fnuz, 0x7F, 240)]
    [InlineData(DType.F8E4M3Fnuz, 0xFF, -240)]
    [InlineData(DType.F8E4M3Fnuz, 0x80, double.NaN)]
    [InlineData(DType.F8E5M2Fnuz, 0x01, 7.62939453125e-06)]
    [InlineData(DType.F8E5M2Fnuz, 0x40, 1)]
    [InlineData(DType.F8E5M2Fnuz, 0x7F, 57344)]
    [InlineData(DType.F8E5M2Fnuz, 0x80, double.NaN)]
    [InlineData(DType.F8E8M0, 0, 5.877471754111438e-39)]
    [InlineData(DType.F8E8M0, 127, 1)]
    [InlineData(DType.F8E8M0, 254, 1.7014118346046923e+38)]
    [InlineData(DType.F8E8M0, 255, double.NaN)]
    public void Decodes_the_8_bit_floats(DType from, byte code, double expected)
    {
        foreach (DType to in Floats.Where(to => DTypes.IsLossless(from, to)))
        {
            byte[] converted = new byte[DTypes.BitSize(to) / 8];
            DTypeConverter.Convert([code], from, converted, to);
            double[] value = Convert<byte, double>(converted, to, DType.F64);
            Assert.Equal(expected, value[0]);
        }
    }

    [Fact]
    public void Negative_8_bit_floats_mirror_the_positive_ones()
    {
        foreach (DType from in new[] { DType.F8E4M3, DType.F8E5M2, DType.F8E4M3Fnuz, DType.F8E5M2Fnuz })
        {
            float[] values = Convert<byte, float>([.. Enumerable.Range(0, 256).Select(i => (byte)i)], from, DType.F32);
            Assert.All(Enumerable.Range(1, 127), i => Assert.Equal(-values[i], values[i + 128]));
            float[] finite = [.. values.Take(128).Where(float.IsFinite)];
            Assert.Equal(finite.Order(), finite);
            Assert.Equal(finite.Length, finite.Distinct().Count());
        }
    }

    [Fact]
    public void F4_has_the_first_element_in_the_low_half()
    {
        Assert.Equal([1f, 0.5f, -6f, 6f, -0f, 4f], Convert<byte, float>([0x12, 0x7F, 0x68], DType.F4, DType.F32));
        Assert.Equal([0f, 0.5f, 1f, 1.5f, 2f, 3f, 4f, 6f], Convert<byte, float>([0x10, 0x32, 0x54, 0x76], DType.F4, DType.F32));

        // More than one portion on the way to a 16-bit type.
        byte[] many = [.. Enumerable.Range(0, 5000).Select(i => (byte)(i * 31))];
        Assert.Equal(Convert<byte, float>(many, DType.F4, DType.F32), Convert<Half, float>(Convert<byte, Half>(many, DType.F4, DType.F16), DType.F16, DType.F32));
    }

    [Fact]
    public void Unsigned_integers_become_signed_ones_that_hold_them()
    {
        Assert.Equal([0, 1, 65_535, 32_768], Convert<ushort, int>([0, 1, 65_535, 32_768], DType.U16, DType.I32));
        Assert.Equal([0L, 4_294_967_295, 2_147_483_648], Convert<uint, long>([0, uint.MaxValue, 1u << 31], DType.U32, DType.I64));
        Assert.Equal([0L, long.MaxValue], Convert<ulong, long>([0, long.MaxValue], DType.U64, DType.I64));
    }

    [Fact]
    public void Says_which_unsigned_integer_does_not_fit()
    {
        SafeTensorDataException e = Assert.Throws<SafeTensorDataException>(
            () => Convert<ulong, long>([0, 5, (1UL << 63) + 9], DType.U64, DType.I64));
        Assert.Equal((SafeTensorErrorKind.ValueOutOfRange, 2), (e.Kind, e.ElementIndex!.Value));
        Assert.Contains("9223372036854775817", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Converts_every_type_to_itself_bit_for_bit()
    {
        byte[] bits = [.. Enumerable.Range(0, 240).Select(i => (byte)(255 - i))];
        foreach (DType dtype in DTypes.All)
        {
            Assert.Equal(bits, Convert<byte, byte>(bits, dtype, dtype, 240));
        }
    }

    [Fact]
    public void The_place_and_the_alignment_of_an_element_change_nothing()
    {
        foreach (DType from in Floats)
        {
            foreach (DType to in Floats)
            {
                int size = DTypes.BitSize(from) / 8;
                int target = DTypes.BitSize(to) / 8;
                byte[] source = new byte[1 + (2100 * size)];
                new Random(5).NextBytes(source);
                byte[] whole = new byte[2100 * target];
                DTypeConverter.Convert(source.AsSpan(1), from, whole, to);
                for (int count = 0; count < 40; count++)
                {
                    byte[] part = new byte[3 + (count * target)];
                    DTypeConverter.Convert(source.AsSpan(1 + (1013 * size), count * size), from, part.AsSpan(3), to);
                    Assert.Equal(whole.AsSpan(1013 * target, count * target).ToArray(), part[3..]);
                }
            }
        }
    }

    [Fact]
    public void Refuses_what_does_not_fit_together()
    {
        byte[] buffer = new byte[64];
        Assert.Throws<NotSupportedException>(() => DTypeConverter.Convert(new byte[4], DType.I32, buffer.AsSpan(0, 4), DType.F32));
        Assert.Throws<NotSupportedException>(() => DTypeConverter.Convert(new byte[3], DType.F6E2M3, buffer.AsSpan(0, 16), DType.F32));
        Assert.Throws<NotSupportedException>(() => DTypeConverter.Convert(new byte[4], DType.F32, buffer.AsSpan(0, 1), DType.F8E4M3));
        Assert.Throws<ArgumentException>(() => DTypeConverter.Convert(new byte[3], DType.F32, buffer.AsSpan(0, 2), DType.F16));
        Assert.Throws<ArgumentException>(() => DTypeConverter.Convert(new byte[4], DType.F32, buffer.AsSpan(0, 3), DType.F16));
        Assert.Throws<ArgumentException>(() => DTypeConverter.Convert(buffer.AsSpan(0, 8), DType.F32, buffer.AsSpan(6, 4), DType.F16));
        Assert.Throws<ArgumentOutOfRangeException>(() => DTypeConverter.CanConvert((DType)99, DType.F32));
    }

    private static TTo[] Convert<TFrom, TTo>(TFrom[] source, DType from, DType to, int? bytes = null)
        where TFrom : unmanaged
        where TTo : unmanaged
    {
        ReadOnlySpan<byte> input = MemoryMarshal.AsBytes(source.AsSpan());
        TTo[] result = new TTo[(bytes ?? (int)DTypes.ByteCount(to, input.Length * 8L / DTypes.BitSize(from))) / Marshal.SizeOf<TTo>()];
        DTypeConverter.Convert(input, from, MemoryMarshal.AsBytes(result.AsSpan()), to);
        return result;
    }

    // Around every value of both 16-bit types, every middle between two, and a million more.
    private static uint[] InterestingSingles()
    {
        List<uint> bits = [];
        for (uint i = 0; i < 65_536; i++)
        {
            bits.AddRange([i << 16, (i << 16) + 1, (i << 16) - 1, (i << 16) | 0x8000, (i << 16) | 0x7FFF, (i << 16) | 0x8001]);
            float half = (float)BitConverter.UInt16BitsToHalf((ushort)i);
            float next = (float)BitConverter.UInt16BitsToHalf((ushort)(i + 1));
            uint middle = BitConverter.SingleToUInt32Bits((half + next) / 2);
            bits.AddRange([middle, middle + 1, middle - 1]);
        }

        Random random = new(17);
        bits.AddRange(Enumerable.Range(0, 1_000_000).Select(_ => (uint)random.NextInt64(1L << 32)));
        return [.. bits];
    }

    private static bool Same(float a, float b) => BitConverter.SingleToUInt32Bits(a) == BitConverter.SingleToUInt32Bits(b);

    private static bool IsNaN(ushort code, DType dtype) => (code & 0x7FFF) > (dtype == DType.F16 ? 0x7C00 : 0x7F80);

    private static double ToDouble(ushort code, DType dtype) => dtype == DType.F16
        ? (double)BitConverter.UInt16BitsToHalf(code)
        : BitConverter.UInt32BitsToSingle((uint)code << 16);

    // Independent of how rounding is done: nothing representable is nearer, and of two as near the even one is taken.
    private static bool IsNearest(double value, ushort code, DType dtype)
    {
        if (double.IsNaN(value))
        {
            return IsNaN(code, dtype);
        }

        ushort infinity = (ushort)(dtype == DType.F16 ? 0x7C00 : 0x7F80);
        int magnitude = code & 0x7FFF;
        if (magnitude > infinity || (code >= 0x8000) != double.IsNegative(value))
        {
            return false;
        }

        // For rounding, infinity stands where the next finite value would.
        double Value(int m) => m == infinity
            ? (2 * ToDouble((ushort)(infinity - 1), dtype)) - ToDouble((ushort)(infinity - 2), dtype)
            : ToDouble((ushort)m, dtype);
        double size = Math.Abs(value);
        if (double.IsInfinity(size))
        {
            return magnitude == infinity;
        }

        // Middles are exact in double precision, so comparing with them is too.
        bool even = (magnitude & 1) == 0;
        return (magnitude == 0 || IsAtLeast(size, (Value(magnitude - 1) + Value(magnitude)) / 2))
            && (magnitude == infinity || IsAtLeast((Value(magnitude) + Value(magnitude + 1)) / 2, size));

        bool IsAtLeast(double larger, double smaller) => larger > smaller || (larger == smaller && even);
    }
}
