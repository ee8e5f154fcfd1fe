using System.Security.Cryptography;
using System.Text;

namespace SafeTensorSharp.Tests;

public sealed class SafeTensorWriterTests
{
    [Fact]
    public void Writes_byte_for_byte_what_the_reference_writes()
    {
        // From the reference's own tests (safetensors/src/tensor.rs, test_serialization_forced_alignement), and its order of dtypes.
        using TempDirectory directory = new();
        byte[] data = [.. Enumerable.Range(0, 6).SelectMany(i => BitConverter.GetBytes((float)i))];
        SafeTensorWriter.Write(directory["m"], [SafeTensorEntry.FromBytes("attn0", DType.F32, [1, 1, 2, 3], data)]);
        byte[] expected = RawFile.Build(
            Encoding.UTF8.GetBytes("""{"attn0":{"dtype":"F32","shape":[1,1,2,3],"data_offsets":[0,24]}}       """), data);
        Assert.Equal(72, expected[0]);
        Assert.Equal(expected, File.ReadAllBytes(directory["m"]));
    }

    [Fact]
    public void Writes_an_empty_file_as_the_reference_does()
    {
        using TempDirectory directory = new();
        SafeTensorWriter.Write(directory["empty"], []);
        Assert.Equal(RawFile.Build("{}      "), File.ReadAllBytes(directory["empty"]));
        SafeTensorWriter.Write(directory["meta"], [], new Dictionary<string, string> { ["framework"] = "pt" });
        Assert.Equal(RawFile.Build("""{"__metadata__":{"framework":"pt"}}     """), File.ReadAllBytes(directory["meta"]));
    }

    [Fact]
    public void Puts_larger_elements_first_then_the_bytes_of_the_name()
    {
        using TempDirectory directory = new();
        string[] names = ["b", "\uFF5E", "😀", "a", "aa", "A", "é", ""];
        List<SafeTensorEntry> entries = [.. names.Select(name => Entry(name, DType.F16))];
        entries.AddRange(DTypes.All.Select(dtype => Entry("t." + DTypes.Name(dtype), dtype)));
        SafeTensorHeader header = SafeTensorWriter.Write(directory["m"], entries).Header;
        Assert.Equal(
            header.Tensors.OrderByDescending(t => t.DType).ThenBy(t => Convert.ToHexString(Encoding.UTF8.GetBytes(t.Name)), StringComparer.Ordinal).Select(t => t.Name),
            header.Tensors.Select(t => t.Name));
        Assert.Equal(["", "A", "a", "aa", "b", "t.F16", "é", "\uFF5E", "😀"], header.Tensors.Where(t => t.DType == DType.F16).Select(t => t.Name));
        Assert.All(header.Tensors, t => Assert.True(t.IsAligned));
    }

    [Theory]
    [InlineData(8)]
    [InlineData(64)]
    [InlineData(4096)]
    public void Aligns_the_data(int alignment)
    {
        using TempDirectory directory = new();
        for (int length = 1; length < 70; length += 3)
        {
            SafeTensorWriteResult result = SafeTensorWriter.Write(
                directory["m"], [Entry(new string('n', length), DType.F64)], options: new SafeTensorWriteOptions { DataAlignment = alignment });
            Assert.Equal(0, result.Header.DataOffset % alignment);
            Assert.InRange(result.Header.DataOffset, 8 + length, 8 + length + 70 + alignment);
            Assert.Equal(result.Header.Tensors[0].ToString(), SafeTensorHeader.Identify(directory["m"]).Tensors[0].ToString());
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(24)]
    [InlineData(-8)]
    [InlineData(131_072)]
    public void Refuses_an_alignment_that_is_none(int alignment)
    {
        using TempDirectory directory = new();
        Assert.Throws<ArgumentOutOfRangeException>(
            () => SafeTensorWriter.Write(directory["m"], [], options: new SafeTensorWriteOptions { DataAlignment = alignment }));
    }

    [Fact]
    public void Escapes_names_and_metadata_as_JSON_requires_and_no_more()
    {
        using TempDirectory directory = new();
        const string odd = "\"\\/\b\f\n\r\t\u0000\u001f\u007f\u2028é<>&'+😀";
        SafeTensorWriter.Write(directory["m"], [Entry(odd, DType.U8)], new Dictionary<string, string> { [odd] = odd, ["A"] = "" });
        SafeTensorHeader header = SafeTensorHeader.Identify(directory["m"]);
        Assert.Equal(odd, header.Tensors[0].Name);
        Assert.Equal(odd, header.Metadata[odd]);
        string text = Encoding.UTF8.GetString(File.ReadAllBytes(directory["m"]).AsSpan(8, (int)header.DataOffset - 8));
        Assert.Contains("""{"__metadata__":{"\"\\/\b\f\n\r\t\u0000\u001f""" + "\u007f\u2028é<>&'+😀\":", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(1 << 20)]
    [InlineData(5_000_000)]
    public void Takes_bytes_in_portions_of_any_size_and_hashes_them(int portion)
    {
        using TempDirectory directory = new();
        int count = portion == 1 ? 3_000 : 9_999_999;
        byte[] data = RawFile.Data(count);
        SafeTensorEntry[] entries =
        [
            SafeTensorEntry.FromWriter("streamed", DType.U8, [count], stream =>
            {
                for (int done = 0; done < count; done += portion)
                {
                    stream.Write(data, done, Math.Min(portion, count - done));
                    stream.Flush();
                }
            }),
            SafeTensorEntry.FromBytes("whole", DType.U8, [count], data),
            SafeTensorEntry.FromWriter("bytes", DType.U8, [3], stream =>
            {
                stream.WriteByte(1);
                stream.WriteByte(2);
                stream.WriteByte(3);
            }),
        ];
        SafeTensorWriteResult result = SafeTensorWriter.Write(directory["m"], entries, options: new SafeTensorWriteOptions { ComputeSha256 = true });
        byte[] written = File.ReadAllBytes(directory["m"]);
        Assert.Equal(written.Length, result.BytesWritten);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(written)), result.Sha256);
        Assert.Equal(directory["m"], result.Path);
        using SafeTensorFile file = SafeTensorFile.Open(directory["m"]);
        Assert.Equal(data, file.ReadBytes("streamed"));
        Assert.Equal(data, file.ReadBytes("whole"));
        Assert.Equal([1, 2, 3], file.ReadBytes("bytes"));
        Assert.Null(SafeTensorWriter.Write(directory["m"], []).Sha256);
    }

    [Fact]
    public unsafe void Writes_from_native_memory()
    {
        using TempDirectory directory = new();
        byte[] data = RawFile.Data(3_000_000);
        fixed (byte* start = data)
        {
            SafeTensorWriter.Write(directory["m"], [SafeTensorEntry.FromPointer("t", DType.U8, [data.Length], (nint)start, data.Length)]);
        }

        using SafeTensorFile file = SafeTensorFile.Open(directory["m"]);
        Assert.Equal(data, file.ReadBytes("t"));
        Assert.Throws<ArgumentNullException>(() => SafeTensorEntry.FromPointer("t", DType.U8, [1], 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => SafeTensorEntry.FromPointer("t", DType.U8, [1], 1, -1));
    }

    [Fact]
    public void Copies_tensors_of_another_file_under_other_names()
    {
        using TempDirectory directory = new();
        byte[] data = RawFile.Data(9_000_000);
        SafeTensorWriter.Write(directory["a"], [SafeTensorEntry.FromBytes("x", DType.BF16, [4_500_000], data), SafeTensorEntry.FromBytes("e", DType.F32, [0], default)]);
        using SafeTensorFile source = SafeTensorFile.Open(directory["a"]);
        SafeTensorWriter.Write(directory["b"], [SafeTensorEntry.FromFile(source, source.Header["x"], "y"), SafeTensorEntry.FromFile(source, source.Header["e"])]);
        using SafeTensorFile copy = SafeTensorFile.Open(directory["b"]);
        Assert.Equal(data, copy.ReadBytes("y"));
        Assert.Equal(DType.BF16, copy.Header["y"].DType);
        Assert.Empty(copy.ReadBytes("e"));
    }

    [Fact]
    public void Tells_all_that_is_wrong_at_once_and_writes_nothing()
    {
        using TempDirectory directory = new();
        SafeTensorEntry[] entries =
        [
            Entry("twice", DType.U8), Entry("twice", DType.U8), Entry("__metadata__", DType.U8), Entry("half \ud800", DType.U8),
            Entry(new string('n', 4097), DType.U8), SafeTensorEntry.FromBytes("negative", DType.U8, [-1], default),
            SafeTensorEntry.FromBytes("huge", DType.F32, [1L << 40, 1L << 40], default), SafeTensorEntry.FromBytes("nibble", DType.F4, [3], default),
            SafeTensorEntry.FromBytes("rank", DType.U8, Enumerable.Repeat(1L, 65), default),
            SafeTensorEntry.FromBytes("half of all", DType.U8, [1L << 62], default), SafeTensorEntry.FromBytes("other half", DType.U8, [1L << 62], default),
        ];
        SafeTensorWriteException e = Assert.Throws<SafeTensorWriteException>(
            () => SafeTensorWriter.Write(directory["m"], entries, new Dictionary<string, string> { ["k"] = "\udc00" }));
        Assert.Equal(
            [
                SafeTensorErrorKind.DuplicateKey, SafeTensorErrorKind.InvalidName, SafeTensorErrorKind.InvalidName, SafeTensorErrorKind.LimitExceeded,
                SafeTensorErrorKind.InvalidShape, SafeTensorErrorKind.ValidationOverflow, SafeTensorErrorKind.MisalignedSlice,
                SafeTensorErrorKind.LimitExceeded, SafeTensorErrorKind.ValidationOverflow, SafeTensorErrorKind.InvalidMetadata,
            ],
            e.Problems.Select(p => p.Kind));
        Assert.Equal((SafeTensorErrorKind.DuplicateKey, "twice", directory["m"]), (e.Kind, e.TensorName, e.Path));
        Assert.DoesNotContain(e.Message, char.IsSurrogate);
        Assert.Empty(directory.Names());
    }

    [Fact]
    public void Keeps_the_limits_of_the_reader()
    {
        using TempDirectory directory = new();
        SafeTensorWriteOptions options = new() { Limits = new SafeTensorLimits { MaxTensors = 1, MaxMetadataEntries = 1 } };
        SafeTensorWriteException e = Assert.Throws<SafeTensorWriteException>(() => SafeTensorWriter.Write(
            directory["m"], [Entry("a", DType.U8), Entry("b", DType.U8)], new Dictionary<string, string> { ["a"] = "", ["b"] = "" }, options));
        Assert.All(e.Problems, p => Assert.Equal(SafeTensorErrorKind.LimitExceeded, p.Kind));
        Assert.Equal(2, e.Problems.Count);
        SafeTensorLimitException limit = Assert.Throws<SafeTensorLimitException>(() => SafeTensorWriter.Write(
            directory["m"], [Entry("a", DType.U8)], options: new SafeTensorWriteOptions { Limits = new SafeTensorLimits { MaxHeaderBytes = 50 } }));
        Assert.Equal((SafeTensorErrorKind.HeaderTooLarge, nameof(SafeTensorLimits.MaxHeaderBytes)), (limit.Kind, limit.LimitName));
        Assert.Empty(directory.Names());
    }

    private static SafeTensorEntry Entry(string name, DType dtype) =>
        SafeTensorEntry.FromBytes(name, dtype, [8], new byte[DTypes.ByteCount(dtype, 8)]);
}
