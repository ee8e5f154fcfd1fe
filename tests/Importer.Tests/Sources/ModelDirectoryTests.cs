using System.Text;
using Importer.Sources;
using Tests.Shared;

namespace Importer.Tests.Sources;

public sealed class ModelDirectoryTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Opening_reads_headers_and_nothing_else()
    {
        using var directory = ModelDirectory.Open(Repository.Fixture("tiny-gpt2"));
        byte[] start = File.ReadAllBytes(directory.PathOf("model.safetensors"))[..8];

        Assert.Equal(8 + BitConverter.ToInt64(start), directory.Weights.HeaderBytes);
        Assert.Equal(["model.safetensors", "config.json", "generation_config.json"], directory.SourceFiles);
        Assert.False(directory.IsImported);
    }

    [Fact]
    public void A_weights_file_is_taken_with_the_configuration_beside_it()
    {
        using var directory = ModelDirectory.Open(Path.Combine(Repository.Fixture("tiny-gpt2"), "model.safetensors"));
        Assert.Equal("tiny-gpt2", directory.Name);
    }

    [Fact]
    public void One_file_comes_before_an_index()
    {
        string both = _directory.CopyFixture("tiny-gpt2-sharded");
        File.Copy(Path.Combine(Repository.Fixture("tiny-gpt2-prefixed"), "model.safetensors"), Path.Combine(both, "model.safetensors"));

        using var directory = ModelDirectory.Open(both);

        Assert.Equal(["model.safetensors"], directory.Weights.Files);
    }

    [Theory]
    [InlineData("{\"model_type\": \"gpt2\", \"model_type\": \"gpt2\"}")]
    [InlineData("{\"\\ud800\": 1}")]
    [InlineData("{\"model_type\": \"\\ud800\"}")]
    [InlineData("")]
    [InlineData("\u0000")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[")]
    public void A_configuration_that_is_broken_is_a_typed_error(string json)
    {
        string copy = _directory.CopyFixture("tiny-gpt2");
        File.WriteAllText(Path.Combine(copy, "config.json"), json, new UTF8Encoding(false));

        Assert.ThrowsAny<PretrainedException>(() =>
        {
            using var directory = ModelDirectory.Open(copy);
            Importer.Models.Gpt.GptConfig.FromJson(directory.Config, directory.ConfigPath);
        });
    }

    [Fact]
    public void A_configuration_of_a_gigabyte_is_not_read()
    {
        string copy = _directory.CopyFixture("tiny-gpt2");
        using (var stream = new FileStream(Path.Combine(copy, "config.json"), FileMode.Open))
        {
            stream.SetLength(1 << 30);
        }

        Assert.Throws<ModelConfigException>(() => ModelDirectory.Open(copy));
    }
}
