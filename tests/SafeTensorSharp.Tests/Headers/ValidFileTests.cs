using System.Text;
using System.Text.Json;

namespace SafeTensorSharp.Tests;

public sealed class ValidFileTests
{
    [Fact]
    public void Reads_a_file_without_tensors()
    {
        SafeTensorHeader header = Parse(RawFile.Build("{}"));
        Assert.Empty(header.Tensors);
        Assert.Empty(header.Metadata);
        Assert.Equal(10, header.DataOffset);
        Assert.Equal(10, header.FileLength);
    }

    [Fact]
    public void Reads_a_scalar()
    {
        SafeTensorInfo tensor = Parse(RawFile.Build("{" + RawFile.Entry("s", "F64", "[]", 0, 8) + "}", 8))["s"];
        Assert.Empty(tensor.Shape);
        Assert.Equal(1, tensor.ElementCount);
        Assert.Equal(8, tensor.ByteCount);
    }

    [Theory]
    [InlineData("[2,0]")]
    [InlineData("[0]")]
    [InlineData("[0,9223372036854775807,9223372036854775807]")]
    [InlineData("[9223372036854775807,9223372036854775807,0]")]
    [InlineData("[ 0 , 3 ]")]
    public void Reads_an_empty_tensor_in_whatever_order_its_dimensions_stand(string shape)
    {
        SafeTensorInfo tensor = Parse(RawFile.Build("{" + RawFile.Entry("e", "F32", shape, 0, 0) + "}"))["e"];
        Assert.Equal(0, tensor.ElementCount);
        Assert.Equal(0, tensor.ByteCount);
    }

    [Fact]
    public void Reads_all_dtypes()
    {
        StringBuilder header = new();
        long offset = 0;
        foreach (DType dtype in DTypes.All)
        {
            long bytes = DTypes.ByteCount(dtype, 8);
            header.Append(header.Length == 0 ? '{' : ',').Append(RawFile.Entry(DTypes.Name(dtype), DTypes.Name(dtype), "[2,4]", offset, offset + bytes));
            offset += bytes;
        }

        SafeTensorHeader parsed = Parse(RawFile.Build(header.Append('}').ToString(), (int)offset));
        Assert.Equal(22, parsed.Tensors.Count);
        Assert.All(parsed.Tensors, tensor =>
        {
            Assert.Equal(tensor.Name, DTypes.Name(tensor.DType));
            Assert.Equal(8, tensor.ElementCount);
            Assert.Equal([2L, 4L], tensor.Shape);
        });
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("   \t\r\n ")]
    public void Reads_a_header_with_any_json_padding(string padding)
    {
        byte[] file = RawFile.Build("{" + RawFile.Entry("a", "F32", "[1]", 0, 4) + "}" + padding, 4);
        Assert.Equal(file.Length - 4, Parse(file)["a"].FileOffset);
    }

    [Fact]
    public void Says_whether_data_is_aligned()
    {
        string header = "{" + RawFile.Entry("a", "F32", "[1]", 0, 4) + "," + RawFile.Entry("b", "U8", "[1]", 4, 5) + "}";
        int misaligned = header.Length % 4 == 0 ? 1 : 0;
        SafeTensorHeader parsed = Parse(RawFile.Build(header + new string(' ', misaligned), 5));
        Assert.False(parsed["a"].IsAligned);
        Assert.True(parsed["b"].IsAligned);
        Assert.True(Parse(RawFile.Build(header + new string(' ', (8 - (header.Length % 8)) % 8), 5))["a"].IsAligned);
    }

    [Fact]
    public void Gives_tensors_in_the_order_of_their_data_whatever_the_order_of_the_header()
    {
        string header = "{" + string.Join(
            ",", RawFile.Entry("last", "U8", "[2]", 3, 5), RawFile.Entry("e2", "F32", "[0]", 3, 3), RawFile.Entry("first", "U8", "[3]", 0, 3),
            RawFile.Entry("e1", "F32", "[0]", 0, 0), RawFile.Entry("e3", "F32", "[0,2]", 5, 5), RawFile.Entry("e4", "I8", "[0]", 3, 3)) + "}";
        SafeTensorHeader parsed = Parse(RawFile.Build(header, 5));
        Assert.Equal(["e1", "first", "e2", "e4", "last", "e3"], parsed.Tensors.Select(t => t.Name));
        Assert.Equal(parsed.DataOffset + 3, parsed["last"].FileOffset);
        Assert.Equal((3, 5), (parsed["last"].Begin, parsed["last"].End));
    }

    [Fact]
    public void Reads_fields_in_any_order_and_with_escapes()
    {
        SafeTensorInfo tensor = Parse(RawFile.Build(
            """{"\u0061\/b":{ "data_offsets":[0,4], "\u0073hape":[1], "dtype":"\u004632" }}""", 4))["a/b"];
        Assert.Equal(DType.F32, tensor.DType);
        Assert.Equal([1L], tensor.Shape);
    }

    [Theory]
    [InlineData("")]
    [InlineData("../../etc/passwd")]
    [InlineData("nul\0byte")]
    [InlineData("line\nbreak")]
    [InlineData("\u202Eright to left")]
    [InlineData("weights.日本語.😀")]
    public void Takes_any_string_as_a_name_and_escapes_it_in_messages(string name)
    {
        string escaped = JsonSerializer.Serialize(name)[1..^1];
        SafeTensorHeader header = Parse(RawFile.Build("{" + RawFile.Entry(escaped, "U8", "[3]", 0, 3) + "}", 3));
        Assert.True(header.TryGetTensor(name, out SafeTensorInfo? tensor));
        Assert.Equal(name, tensor.Name);
        byte[] wrong = RawFile.Build("{" + RawFile.Entry(escaped, "U8", "[3]", 0, 2) + "}", 2);
        SafeTensorFormatException e = Assert.Throws<SafeTensorFormatException>(() => Parse(wrong));
        Assert.Equal(name, e.TensorName);
        Assert.DoesNotContain(e.Message, c => char.IsControl(c) || c == '\u202E');
        Assert.DoesNotContain(tensor.ToString(), c => char.IsControl(c) || c == '\u202E');
    }

    [Fact]
    public void Reads_metadata_with_any_unicode()
    {
        SafeTensorHeader header = Parse(RawFile.Build("""{"__metadata__":{"format":"pt","ключ":"\ud83d\ude00 é\n","":""}}"""));
        Assert.Equal(3, header.Metadata.Count);
        Assert.Equal("pt", header.Metadata["format"]);
        Assert.Equal("😀 é\n", header.Metadata["ключ"]);
        Assert.Equal("", header.Metadata[""]);
    }

    [Fact]
    public void Says_which_name_is_not_there()
    {
        SafeTensorHeader header = Parse(RawFile.Build("{}"));
        SafeTensorNotFoundException e = Assert.Throws<SafeTensorNotFoundException>(() => header["w\n"]);
        Assert.Equal("w\n", e.TensorName);
        Assert.Equal(SafeTensorErrorKind.TensorNotFound, e.Kind);
    }

    [Fact]
    public void Compat_tells_what_it_let_pass()
    {
        byte[] file = RawFile.Build(
            """  {"__metadata__":null,"a\n":{"dtype":"U8","extra":{"deep":[[[1]]]},"shape":[1],"data_offsets":[0,1]}}""", 1);
        SafeTensorHeader header = SafeTensorHeader.Parse(file, file.Length, new SafeTensorReadOptions { Compat = true });
        Assert.Equal(3, header.Warnings.Count);
        Assert.Contains("2 bytes of white space", header.Warnings[0], StringComparison.Ordinal);
        Assert.Contains("__metadata__ is null", header.Warnings[1], StringComparison.Ordinal);
        Assert.Contains("\"a\\u000A\" has a field \"extra\"", header.Warnings[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Parses_the_same_from_a_range_of_a_remote_file()
    {
        byte[] file = RawFile.Build("{" + RawFile.Entry("a", "F32", "[2]", 0, 8) + "}", 8);
        long offset = SafeTensorHeader.ReadDataOffset(file.AsSpan(0, 8), file.Length);
        Assert.Equal(file.Length - 8, offset);
        SafeTensorHeader header = SafeTensorHeader.Parse(file.AsSpan(0, (int)offset), file.Length, path: "https://host/model.safetensors");
        Assert.Equal(offset, header["a"].FileOffset);
        Assert.Equal("https://host/model.safetensors", header.Path);
        Assert.Throws<ArgumentException>(() => SafeTensorHeader.Parse(file.AsSpan(0, (int)offset - 1), file.Length));
        Assert.Throws<ArgumentException>(() => SafeTensorHeader.ReadDataOffset(file.AsSpan(0, 7), file.Length));
        Assert.Throws<ArgumentOutOfRangeException>(() => SafeTensorHeader.ReadDataOffset(file, -1));
    }

    private static SafeTensorHeader Parse(byte[] file) => SafeTensorHeader.Parse(file, file.Length);
}
