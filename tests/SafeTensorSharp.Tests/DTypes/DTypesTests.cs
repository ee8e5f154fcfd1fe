namespace SafeTensorSharp.Tests;

public sealed class DTypesTests
{
    public static TheoryData<DType, string, int, int> Table => new()
    {
        { DType.Bool, "BOOL", 8, 1 }, { DType.F4, "F4", 4, 1 }, { DType.F6E2M3, "F6_E2M3", 6, 1 }, { DType.F6E3M2, "F6_E3M2", 6, 1 },
        { DType.U8, "U8", 8, 1 }, { DType.I8, "I8", 8, 1 }, { DType.F8E5M2, "F8_E5M2", 8, 1 }, { DType.F8E4M3, "F8_E4M3", 8, 1 },
        { DType.F8E5M2Fnuz, "F8_E5M2FNUZ", 8, 1 }, { DType.F8E4M3Fnuz, "F8_E4M3FNUZ", 8, 1 }, { DType.F8E8M0, "F8_E8M0", 8, 1 },
        { DType.I16, "I16", 16, 2 }, { DType.U16, "U16", 16, 2 }, { DType.F16, "F16", 16, 2 }, { DType.BF16, "BF16", 16, 2 },
        { DType.I32, "I32", 32, 4 }, { DType.U32, "U32", 32, 4 }, { DType.F32, "F32", 32, 4 }, { DType.C64, "C64", 64, 4 },
        { DType.F64, "F64", 64, 8 }, { DType.I64, "I64", 64, 8 }, { DType.U64, "U64", 64, 8 },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Knows_name_size_and_alignment(DType dtype, string name, int bits, int alignment)
    {
        Assert.Equal(name, DTypes.Name(dtype));
        Assert.Equal(bits, DTypes.BitSize(dtype));
        Assert.Equal(alignment, DTypes.Alignment(dtype));
        Assert.True(DTypes.TryParse(name, out DType parsed));
        Assert.Equal(dtype, parsed);
        Assert.False(DTypes.TryParse(name.ToLowerInvariant(), out _));
    }

    [Fact]
    public void Knows_all_22_in_the_order_of_the_reference()
    {
        Assert.Equal(22, DTypes.All.Count);
        Assert.Equal(Table.Select(row => (DType)row[0]), DTypes.All);
        Assert.False(DTypes.TryParse((string?)null, out _));
        Assert.False(DTypes.TryParse("", out _));
    }

    [Theory]
    [InlineData(DType.F32, 3, 12)]
    [InlineData(DType.F4, 6, 3)]
    [InlineData(DType.F6E2M3, 4, 3)]
    [InlineData(DType.U64, 0, 0)]
    [InlineData(DType.U8, long.MaxValue, long.MaxValue)]
    public void Counts_bytes(DType dtype, long elements, long bytes) => Assert.Equal(bytes, DTypes.ByteCount(dtype, elements));

    [Fact]
    public void Refuses_counts_that_have_no_bytes()
    {
        Assert.Throws<ArgumentException>(() => DTypes.ByteCount(DType.F4, 3));
        Assert.Throws<ArgumentException>(() => DTypes.ByteCount(DType.F6E3M2, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => DTypes.ByteCount(DType.U8, -1));
        Assert.Throws<OverflowException>(() => DTypes.ByteCount(DType.F32, 1L << 61));
        Assert.Throws<ArgumentOutOfRangeException>(() => DTypes.Name((DType)22));
        Assert.Throws<ArgumentOutOfRangeException>(() => DTypes.BitSize((DType)(-1)));
    }

    [Fact]
    public void Whatever_is_lossless_converts_and_survives_the_way_back_to_a_wider_look()
    {
        foreach (DType from in DTypes.All)
        {
            Assert.True(DTypes.IsLossless(from, from));
            foreach (DType to in DTypes.All.Where(to => DTypes.IsLossless(from, to)))
            {
                Assert.True(DTypeConverter.CanConvert(from, to), $"{from} {to}");
            }
        }

        Assert.False(DTypes.IsLossless(DType.F32, DType.BF16));
        Assert.False(DTypes.IsLossless(DType.F16, DType.BF16));
        Assert.False(DTypes.IsLossless(DType.BF16, DType.F16));
        Assert.False(DTypes.IsLossless(DType.F8E8M0, DType.F16));
        Assert.False(DTypes.IsLossless(DType.U64, DType.I64));
    }
}
