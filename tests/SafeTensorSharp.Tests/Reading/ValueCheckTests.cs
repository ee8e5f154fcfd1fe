using System.Text;

namespace SafeTensorSharp.Tests;

public sealed class ValueCheckTests
{
    public static TheoryData<DType, string> NonFinite => new()
    {
        { DType.F16, "007C" }, { DType.F16, "00FC" }, { DType.F16, "017E" }, { DType.BF16, "807F" }, { DType.BF16, "C1FF" },
        { DType.F32, "0000807F" }, { DType.F32, "000080FF" }, { DType.F32, "0100807F" }, { DType.F64, "000000000000F07F" },
        { DType.F64, "010000000000F8FF" }, { DType.C64, "000000000000807F" }, { DType.C64, "0000C07F00000000" },
        { DType.F8E5M2, "7C" }, { DType.F8E5M2, "FF" }, { DType.F8E4M3, "7F" }, { DType.F8E4M3, "FF" }, { DType.F8E4M3Fnuz, "80" },
        { DType.F8E5M2Fnuz, "80" }, { DType.F8E8M0, "FF" },
    };

    public static TheoryData<DType, string> LargestFinite => new()
    {
        { DType.F16, "FF7B" }, { DType.F16, "FFFB" }, { DType.BF16, "7F7F" }, { DType.F32, "FFFF7FFF" }, { DType.F64, "FFFFFFFFFFFFEF7F" },
        { DType.C64, "FFFF7F7FFFFF7FFF" }, { DType.F8E5M2, "7B" }, { DType.F8E4M3, "FE" }, { DType.F8E4M3Fnuz, "FF" }, { DType.F8E5M2Fnuz, "7F" },
        { DType.F8E8M0, "FE" }, { DType.F4, "FF" }, { DType.F6E2M3, "FFFFFF" }, { DType.I32, "FFFFFFFF" }, { DType.U8, "FF" }, { DType.I64, "000000000000F07F" },
    };

    [Theory]
    [InlineData(2, 0, 40)]
    [InlineData(255, 39, 40)]
    [InlineData(128, 33, 40)]
    public void Rejects_a_bool_that_is_neither_0_nor_1(byte value, int index, int count)
    {
        byte[] data = [.. Enumerable.Range(0, count).Select(i => (byte)(i & 1))];
        data[index] = value;
        using SafeTensorFile file = Open("BOOL", data, new SafeTensorReadOptions());
        SafeTensorDataException e = Assert.Throws<SafeTensorDataException>(() => file.ReadBytes("t"));
        Assert.Equal(SafeTensorErrorKind.InvalidBool, e.Kind);
        Assert.Equal((index, "t", file.Header["t"].FileOffset + index), (e.ElementIndex!.Value, e.TensorName, e.Position));
    }

    [Fact]
    public void Normalizes_or_keeps_such_bools_where_asked()
    {
        byte[] data = [0, 1, 2, 255, 0, 128, 1];
        using SafeTensorFile normalized = Open("BOOL", data, new SafeTensorReadOptions { Bools = BoolPolicy.Normalize });
        Assert.Equal([0, 1, 1, 1, 0, 1, 1], normalized.ReadBytes("t"));
        using SafeTensorFile kept = Open("BOOL", data, new SafeTensorReadOptions { Bools = BoolPolicy.Keep });
        Assert.Equal(data, kept.ReadBytes("t"));
    }

    [Theory]
    [MemberData(nameof(NonFinite))]
    public void Finds_NaN_and_infinity_in_every_place_where_asked(DType dtype, string bits)
    {
        byte[] bad = Convert.FromHexString(bits);
        foreach (int index in new[] { 0, 1, 31, 32, 63, 99 })
        {
            byte[] data = new byte[100 * bad.Length];
            bad.CopyTo(data, index * bad.Length);
            using SafeTensorFile plain = Open(DTypes.Name(dtype), data, new SafeTensorReadOptions());
            Assert.Equal(data, plain.ReadBytes("t"));
            using SafeTensorFile file = Open(DTypes.Name(dtype), data, new SafeTensorReadOptions { CheckValues = true });
            SafeTensorDataException e = Assert.Throws<SafeTensorDataException>(() => file.ReadBytes("t"));
            Assert.Equal(SafeTensorErrorKind.NonFiniteValue, e.Kind);
            Assert.Equal(index, e.ElementIndex);
            Assert.Equal(file.Header["t"].FileOffset + (index * bad.Length), e.Position);
        }
    }

    [Theory]
    [MemberData(nameof(LargestFinite))]
    public void Takes_the_largest_finite_values_and_everything_that_is_no_float(DType dtype, string bits)
    {
        byte[] data = [.. Enumerable.Repeat(Convert.FromHexString(bits), 40).SelectMany(b => b)];
        using SafeTensorFile file = Open(DTypes.Name(dtype), data, new SafeTensorReadOptions { CheckValues = true });
        Assert.Equal(data, file.ReadBytes("t"));
    }

    [Fact]
    public void Checks_the_whole_elements_of_a_part()
    {
        byte[] data = new byte[400];
        BitConverter.TryWriteBytes(data.AsSpan(200), float.NaN);
        using SafeTensorFile file = Open("F32", data, new SafeTensorReadOptions { CheckValues = true });
        SafeTensorInfo tensor = file.Header["t"];
        file.Read(tensor, new byte[200]);
        file.Read(tensor, new byte[203]);
        file.Read(tensor, new byte[199], 201);
        SafeTensorDataException e = Assert.Throws<SafeTensorDataException>(() => file.Read(tensor, new byte[8], 197));
        Assert.Equal(50, e.ElementIndex);
        Assert.Throws<SafeTensorDataException>(() => file.Read(tensor, new byte[200], 200));
    }

    [Fact]
    public void Sees_an_element_that_lies_across_two_portions()
    {
        // The file is checked in portions of 1 MiB; a part that begins within an element must not shift their borders into elements.
        byte[] data = new byte[(1 << 21) + 64];
        BitConverter.TryWriteBytes(data.AsSpan(1 << 20), double.NaN);
        using SafeTensorFile file = Open("F64", data, new SafeTensorReadOptions { CheckValues = true });
        SafeTensorDataException e = Assert.Throws<SafeTensorDataException>(() => file.Read(file.Header["t"], new byte[(1 << 20) + 100], 3));
        Assert.Equal((1 << 20) / 8, e.ElementIndex);
    }

    [Fact]
    public async Task Checks_when_reading_asynchronously_too()
    {
        using SafeTensorFile file = Open("BOOL", [0, 3], new SafeTensorReadOptions());
        await Assert.ThrowsAsync<SafeTensorDataException>(async () => await file.ReadAsync(file.Header["t"], new byte[2]));
    }

    [Fact]
    public void Keeps_the_payload_of_NaN()
    {
        byte[] data = [0x55, 0x55, 0xF5, 0x7F, 0x01, 0x00, 0x80, 0xFF];
        using SafeTensorFile file = Open("F32", data, new SafeTensorReadOptions());
        Assert.Equal(data, file.ReadBytes("t"));
    }

    private static SafeTensorFile Open(string dtype, byte[] data, SafeTensorReadOptions options)
    {
        Assert.True(DTypes.TryParse(dtype, out DType type));
        long count = data.Length * 8L / DTypes.BitSize(type);
        string header = "{" + RawFile.Entry("t", dtype, $"[{count}]", 0, data.Length) + "}";
        return new FakeSource(RawFile.Build(Encoding.UTF8.GetBytes(header), data)).Open(options);
    }
}
