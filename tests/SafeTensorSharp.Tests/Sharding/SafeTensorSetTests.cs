using System.Text;
using Kind = SafeTensorSharp.SafeTensorErrorKind;

namespace SafeTensorSharp.Tests;

public sealed class SafeTensorSetTests
{
    private const string Index = "model.safetensors.index.json";
    private const string First = "model-00001-of-00002.safetensors";
    private const string Second = "model-00002-of-00002.safetensors";

    [Fact]
    public void Opens_a_set_and_finds_every_tensor()
    {
        using TempDirectory directory = Make($$$"""{"metadata":{"total_size":7},"weight_map":{"a":"{{{First}}}","b":"{{{Second}}}","c":"{{{First}}}"}}""");
        using SafeTensorSet set = SafeTensorSet.Open(directory[Index]);
        Assert.Equal([First, Second], set.Shards.Select(s => s.FileName));
        Assert.Equal(["a", "c", "b"], set.Tensors.Select(t => t.Info.Name));
        Assert.Equal(Second, set["b"].Shard.FileName);
        Assert.Equal([1, 8, 15], set["a"].Shard.File.ReadBytes("a"));
        Assert.Equal(7, set.Index.TotalSize);
        Assert.Empty(set.Warnings);
        Assert.False(set.TryGetTensor("d", out _));
        Assert.Throws<SafeTensorNotFoundException>(() => set["d"]);
    }

    [Fact]
    public void Takes_a_wrong_total_size_with_a_warning()
    {
        using TempDirectory directory = Make($$$"""{"metadata":{"total_size":8,"total_parameters":3},"other":[1,{}],"weight_map":{"a":"{{{First}}}","b":"{{{Second}}}","c":"{{{First}}}"}}""");
        using SafeTensorSet set = SafeTensorSet.Open(directory[Index]);
        Assert.Contains("8", Assert.Single(set.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"weight_map":{}}""", null)]
    [InlineData("""{"metadata":{},"weight_map":{}}""", null)]
    [InlineData("""{"metadata":null,"weight_map":{}}""", null)]
    [InlineData("""{"metadata":{"total_size":5},"weight_map":{}}""", 5L)]
    [InlineData("""{"metadata":{"total_size":26270392320.0},"weight_map":{}}""", null)]
    [InlineData("""{"metadata":{"total_size":"5"},"weight_map":{}}""", null)]
    [InlineData("""{"metadata":{"total_size":[5]},"weight_map":{}}""", null)]
    public void Takes_any_metadata(string json, long? totalSize)
    {
        Assert.Equal(totalSize, SafeTensorIndex.Parse(Encoding.UTF8.GetBytes(json)).TotalSize);
    }

    [Fact]
    public void Tells_all_contradictions_between_index_and_files_at_once()
    {
        using TempDirectory directory = Make($$$"""{"weight_map":{"a":"{{{Second}}}","b":"{{{Second}}}","x":"{{{First}}}","y":"none.safetensors","z":"none.safetensors"}}""");
        SafeTensorSetException e = Assert.Throws<SafeTensorSetException>(() => SafeTensorSet.Open(directory[Index]));
        Assert.Equal(
            [(Kind.MissingShard, null, "none.safetensors"), (Kind.UnlistedTensor, "c", First), (Kind.MissingTensor, "a", Second), (Kind.MissingTensor, "x", First)],
            e.Problems.Select(p => (p.Kind, p.TensorName, p.FileName)));
        Assert.Equal(directory[Index], e.Path);

        // No file is left open.
        using FileStream alone = new(directory[First], FileMode.Open, FileAccess.ReadWrite, FileShare.None);
    }

    [Fact]
    public void Refuses_a_tensor_in_two_files()
    {
        using TempDirectory directory = Make($$$"""{"weight_map":{"a":"{{{First}}}","c":"{{{First}}}","b":"{{{Second}}}"}}""");
        directory.Write(Second, RawFile.Build("{" + RawFile.Entry("b", "U8", "[2]", 0, 2) + "," + RawFile.Entry("a", "U8", "[1]", 2, 3) + "}", 3));
        SafeTensorSetException e = Assert.Throws<SafeTensorSetException>(() => SafeTensorSet.Open(directory[Index]));
        Assert.Equal((Kind.DuplicateTensor, "a", Second), (e.Problems.Single().Kind, e.Problems[0].TensorName, e.Problems[0].FileName));
    }

    [Fact]
    public void Passes_on_what_is_wrong_in_a_file()
    {
        using TempDirectory directory = Make($$$"""{"weight_map":{"a":"{{{First}}}","c":"{{{First}}}","b":"{{{Second}}}"}}""");
        directory.Write(Second, RawFile.Build("{" + RawFile.Entry("b", "U8", "[2]", 0, 2) + "}", 1));
        SafeTensorFormatException e = Assert.Throws<SafeTensorFormatException>(() => SafeTensorSet.Open(directory[Index]));
        Assert.Equal((Kind.MetadataIncompleteBuffer, directory[Second]), (e.Kind, e.Path));
        using FileStream alone = new(directory[First], FileMode.Open, FileAccess.ReadWrite, FileShare.None);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("../x.safetensors")]
    [InlineData("sub/x.safetensors")]
    [InlineData("sub\\\\x.safetensors")]
    [InlineData("/etc/passwd")]
    [InlineData("C:x.safetensors")]
    [InlineData("x.safetensors:stream")]
    [InlineData("x.safetensors\\u0000")]
    [InlineData("x\\n.safetensors")]
    [InlineData("x.safetensors.")]
    [InlineData("x.safetensors ")]
    [InlineData("NUL")]
    [InlineData("nul.safetensors")]
    [InlineData("com1.tar.safetensors")]
    public void Refuses_file_names_that_are_not_plain(string name)
    {
        byte[] json = Encoding.UTF8.GetBytes($$$"""{"weight_map":{"a":"{{{name}}}","b":"{{{name}}}"}}""");
        SafeTensorSetException e = Assert.Throws<SafeTensorSetException>(() => SafeTensorIndex.Parse(json));
        Assert.Equal((Kind.InvalidShardName, "a"), (e.Kind, Assert.Single(e.Problems).TensorName));
        Assert.DoesNotContain(e.Message, char.IsControl);
    }

    [Fact]
    public void Refuses_a_file_name_that_no_file_system_takes()
    {
        byte[] json = Encoding.UTF8.GetBytes($$$"""{"weight_map":{"a":"{{{new string('é', 128)}}}"}}""");
        Assert.Equal(Kind.InvalidShardName, Assert.Throws<SafeTensorSetException>(() => SafeTensorIndex.Parse(json)).Kind);
    }

    [Theory]
    [InlineData("", Kind.InvalidIndex)]
    [InlineData("[]", Kind.InvalidIndex)]
    [InlineData("{}", Kind.InvalidIndex)]
    [InlineData("""{"weight_map":[]}""", Kind.InvalidIndex)]
    [InlineData("""{"weight_map":{"a":1}}""", Kind.InvalidIndex)]
    [InlineData("""{"weight_map":{"a":null}}""", Kind.InvalidIndex)]
    [InlineData("""{"weight_map":{}} x""", Kind.InvalidIndex)]
    [InlineData("""{"weight_map":{"a":"f",}}""", Kind.InvalidIndex)]
    [InlineData("""{"weight_map":{"\ud800":"f"}}""", Kind.InvalidIndex)]
    [InlineData("""{"weight_map":{"a":"\udfff"}}""", Kind.InvalidIndex)]
    [InlineData("""{"metadata":{"\ud800":1},"weight_map":{}}""", Kind.InvalidIndex)]
    [InlineData("<!DOCTYPE html>", Kind.InvalidIndex)]
    [InlineData("""{"weight_map":{"a":"f","a":"f"}}""", Kind.DuplicateKey)]
    [InlineData("""{"weight_map":{"a":"f","\u0061":"g"}}""", Kind.DuplicateKey)]
    [InlineData("""{"weight_map":{},"weight_map":{}}""", Kind.DuplicateKey)]
    [InlineData("""{"metadata":{"total_size":1,"total_size":1},"weight_map":{}}""", Kind.DuplicateKey)]
    public void Refuses_a_malformed_index(string json, Kind kind)
    {
        SafeTensorSetException e = Assert.Throws<SafeTensorSetException>(() => SafeTensorIndex.Parse(Encoding.UTF8.GetBytes(json), path: "i.json"));
        Assert.Equal((kind, "i.json"), (e.Kind, e.Path));
    }

    [Fact]
    public void Refuses_an_index_that_is_not_UTF_8()
    {
        byte[] json = [.. "{\"weight_map\":{\"a"u8, 0xFF, .. "\":\"f\"}}"u8];
        Assert.Equal(Kind.InvalidIndex, Assert.Throws<SafeTensorSetException>(() => SafeTensorIndex.Parse(json)).Kind);
    }

    [Fact]
    public void Keeps_the_limits()
    {
        byte[] json = """{"weight_map":{"aaa":"f","b":"f"}}"""u8.ToArray();
        Assert.Equal(nameof(SafeTensorLimits.MaxTensors), Refuses(new SafeTensorLimits { MaxTensors = 1 }));
        Assert.Equal(nameof(SafeTensorLimits.MaxNameBytes), Refuses(new SafeTensorLimits { MaxNameBytes = 2 }));
        Assert.Equal(nameof(SafeTensorLimits.MaxHeaderBytes), Refuses(new SafeTensorLimits { MaxHeaderBytes = json.Length - 1 }));
        Assert.Equal(["f"], SafeTensorIndex.Parse(json, new SafeTensorLimits { MaxHeaderBytes = json.Length }).FileNames);

        string Refuses(SafeTensorLimits limits) => Assert.Throws<SafeTensorLimitException>(() => SafeTensorIndex.Parse(json, limits)).LimitName;
    }

    // Tensors a (3 bytes) and c (2) in the first file, b (2) in the second.
    private static TempDirectory Make(string index)
    {
        TempDirectory directory = new();
        directory.Write(Index, Encoding.UTF8.GetBytes(index));
        directory.Write(First, RawFile.Build("{" + RawFile.Entry("a", "U8", "[3]", 0, 3) + "," + RawFile.Entry("c", "U8", "[2]", 3, 5) + "}", 5));
        directory.Write(Second, RawFile.Build("{" + RawFile.Entry("b", "U8", "[2]", 0, 2) + "}", 2));
        return directory;
    }
}
