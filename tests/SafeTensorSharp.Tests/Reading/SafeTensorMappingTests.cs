using System.Runtime.InteropServices;
using System.Text;

namespace SafeTensorSharp.Tests;

public sealed class SafeTensorMappingTests
{
    private static readonly byte[] Data = [.. RawFile.Data(100), 0, 1, 1, 0];

    private static readonly byte[] Bytes = RawFile.Build(
        Encoding.UTF8.GetBytes("{" + RawFile.Entry("w", "F32", "[5,5]", 0, 100) + "," + RawFile.Entry("m", "BOOL", "[4]", 100, 104) + "," + RawFile.Entry("e", "F32", "[0]", 104, 104) + "}"),
        Data);

    [Fact]
    public void Shows_the_bytes_of_every_tensor_without_reading()
    {
        using TempDirectory directory = new();
        using SafeTensorFile file = SafeTensorFile.Open(directory.Write("m.safetensors", Bytes));
        using SafeTensorMapping mapping = file.Map();
        Assert.Equal(Data[..100], mapping.GetSpan(file.Header["w"]).ToArray());
        Assert.Equal(Data[100..], mapping.GetSpan(file.Header["m"]).ToArray());
        Assert.Empty(mapping.GetSpan(file.Header["e"]).ToArray());
        Assert.Equal(Data[4], Marshal.ReadByte(mapping.GetAddress(file.Header["w"]) + 4));
        Assert.Same(file.Header, mapping.Header);
    }

    [Fact]
    public void Outlives_the_file_that_it_came_from()
    {
        using TempDirectory directory = new();
        SafeTensorFile file = SafeTensorFile.Open(directory.Write("m.safetensors", Bytes));
        using SafeTensorMapping mapping = file.Map();
        file.Dispose();
        Assert.Equal(Data[..100], mapping.GetSpan(mapping.Header["w"]).ToArray());
        Assert.Throws<ObjectDisposedException>(() => file.Map());
    }

    [Fact]
    public void Cannot_be_used_after_Dispose()
    {
        using TempDirectory directory = new();
        using SafeTensorFile file = SafeTensorFile.Open(directory.Write("m.safetensors", Bytes));
        SafeTensorMapping mapping = file.Map();
        mapping.Dispose();
        mapping.Dispose();
        Assert.Throws<ObjectDisposedException>(() => mapping.GetAddress(file.Header["w"]));
    }

    [Theory]
    [InlineData(BoolPolicy.Reject, true)]
    [InlineData(BoolPolicy.Normalize, true)]
    [InlineData(BoolPolicy.Keep, false)]
    public void Refuses_bools_that_it_cannot_normalize(BoolPolicy policy, bool refuses)
    {
        byte[] bytes = [.. Bytes];
        bytes[^1] = 7;
        using TempDirectory directory = new();
        using SafeTensorFile file = SafeTensorFile.Open(directory.Write("m.safetensors", bytes), new SafeTensorReadOptions { Bools = policy });
        using SafeTensorMapping mapping = file.Map();
        Exception? e = Record.Exception(() => { _ = mapping.GetSpan(file.Header["m"]).Length; });
        Assert.Equal(refuses, e is SafeTensorDataException { Kind: SafeTensorErrorKind.InvalidBool, ElementIndex: 3 });
        Assert.Equal(refuses, e is not null);
    }

    [Fact]
    public void Refuses_a_tensor_of_another_file()
    {
        using TempDirectory directory = new();
        using SafeTensorFile file = SafeTensorFile.Open(directory.Write("m.safetensors", Bytes));
        using SafeTensorMapping mapping = file.Map();
        byte[] other = RawFile.Build("{" + RawFile.Entry("w", "U8", "[3]", 0, 3) + "}", 3);
        Assert.Throws<ArgumentException>(() => mapping.GetAddress(SafeTensorHeader.Parse(other, other.Length)["w"]));
    }
}
