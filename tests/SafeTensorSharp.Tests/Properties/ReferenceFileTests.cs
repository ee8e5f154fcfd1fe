using Tests.Shared;

namespace SafeTensorSharp.Tests;

/// <summary>Files that the reference implementation wrote (Python package safetensors, through transformers).</summary>
public sealed class ReferenceFileTests
{
    public static TheoryData<string> Files => [.. new[]
    {
        "tiny-gpt2/model.safetensors", "tiny-gpt2-sharded/model-00001-of-00003.safetensors",
        "tiny-gpt2-sharded/model-00002-of-00003.safetensors", "tiny-gpt2-sharded/model-00003-of-00003.safetensors",
    }];

    [Theory]
    [MemberData(nameof(Files))]
    public void Written_again_they_are_the_same_to_the_byte(string name)
    {
        string path = Repository.Fixture(name);
        using TempDirectory directory = new();
        using SafeTensorFile file = SafeTensorFile.Open(path);
        Assert.NotEmpty(file.Header.Tensors);
        SafeTensorWriter.Write(
            directory["copy"], file.Header.Tensors.Reverse().Select(t => SafeTensorEntry.FromFile(file, t)), file.Header.Metadata);
        Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(directory["copy"]));
    }

    [Fact]
    public void A_set_is_consistent()
    {
        using SafeTensorSet set = SafeTensorSet.Open(Path.Combine(Repository.Fixture("tiny-gpt2-sharded"), "model.safetensors.index.json"));
        Assert.Equal(3, set.Shards.Count);
        Assert.Equal(set.Index.WeightMap.Count, set.Tensors.Count);
        Assert.Equal(196_224, set.Index.TotalSize);
        Assert.Empty(set.Warnings);
    }
}
