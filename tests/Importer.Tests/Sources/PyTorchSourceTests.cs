using System.Text.Json;
using Importer.Sources;
using PyTorchCheckpoints;
using SafeTensorSharp;
using Tests.Shared;

namespace Importer.Tests.Sources;

public sealed class PyTorchSourceTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Shards_and_their_index_are_one_source()
    {
        using var directory = ModelDirectory.Open(Repository.Fixture("tiny-gpt2-sharded-bin"));
        using var twin = ModelDirectory.Open(Repository.Fixture("tiny-gpt2-sharded"));

        Assert.Equal(
            ["pytorch_model.bin.index.json", "pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin", "config.json", "generation_config.json"],
            directory.SourceFiles);
        foreach (var tensor in twin.Weights.Tensors)
        {
            var found = directory.Weights.Tensors.Single(t => t.Name == tensor.Name);
            Assert.Equal((tensor.DType, tensor.ByteCount), (found.DType, found.ByteCount));
            byte[] expected = new byte[tensor.ByteCount], actual = new byte[tensor.ByteCount];
            twin.Weights.Read(tensor, 0, expected);
            directory.Weights.Read(found, 0, actual);
            Assert.Equal(expected, actual);
        }
    }

    [Fact]
    public void Tied_tensors_are_at_one_place_and_in_the_order_of_the_file()
    {
        using var directory = ModelDirectory.Open(Repository.Fixture("tiny-gpt2-bin"));
        var tensors = directory.Weights.Tensors;

        Assert.Equal(tensors.Single(t => t.Name == "transformer.wte.weight").Offset, tensors.Single(t => t.Name == "lm_head.weight").Offset);
        Assert.Equal(tensors.Select(t => t.Offset).Order(), tensors.Select(t => t.Offset));
    }

    [Fact]
    public void The_configuration_of_nanoGPT_is_in_its_checkpoint()
    {
        using var directory = ModelDirectory.Open(Repository.Fixture("nanogpt-ckpt"));

        Assert.Equal(40, directory.Config.GetProperty("n_embd").GetInt32());
        Assert.Equal(JsonValueKind.False, directory.Config.GetProperty("bias").ValueKind);
        Assert.Equal(directory.PathOf("ckpt.pt"), directory.ConfigPath);
        Assert.False(directory.HasConfigFile);
        Assert.Equal(25, directory.Weights.Tensors.Count);
    }

    [Theory]
    [InlineData(100, false)] // lists in each other
    [InlineData(40, true)] // and each of them twice in the next
    public void Settings_that_are_no_configuration_are_refused_as_one(int depth, bool twice)
    {
        CheckpointValue nested = 1L;
        for (int i = 0; i < depth; i++)
        {
            nested = twice ? SequenceValue.List(nested, nested) : SequenceValue.List(nested);
        }

        PyTorchWriter.Write(_directory["ckpt.pt"], new DictionaryValue
        {
            { "model", PyTorchWriter.StateDict([new("a", PyTorchTensor.FromBytes(TorchDType.Float32, [1], new byte[4]))]) },
            { "model_args", new DictionaryValue { { "n_layer", nested } } },
        });

        var error = Assert.Throws<ModelConfigException>(() => ModelDirectory.Open(_directory["ckpt.pt"]));
        Assert.Equal(("model_args", _directory["ckpt.pt"]), (error.Field, error.ConfigSource));
    }

    [Fact]
    public void A_checkpoint_is_taken_by_its_name_and_needs_a_configuration()
    {
        string copy = _directory.CopyFixture("minimind-like");
        string path = Path.Combine(copy, "pretrain_64_legacy.pth");
        Assert.Contains("config.json", Assert.Throws<ModelNotFoundException>(() => ModelDirectory.Open(path)).Message, StringComparison.Ordinal);

        File.WriteAllText(Path.Combine(copy, "config.json"), "{\"model_type\": \"minimind\"}");
        using var directory = ModelDirectory.Open(path);
        Assert.Equal(["pretrain_64_legacy.pth"], directory.Weights.Files);
        Assert.Equal(DType.F16, directory.Weights.Tensors[0].DType);
    }

    [Fact]
    public void Every_contradiction_between_index_and_shards_is_told()
    {
        string copy = _directory.CopyFixture("tiny-gpt2-sharded-bin");
        string index = Path.Combine(copy, "pytorch_model.bin.index.json");
        string text = File.ReadAllText(index);
        File.WriteAllText(index, text.Replace("h.0.ln_1.weight", "h.0.ln_9.weight", StringComparison.Ordinal));
        var error = Assert.Throws<ShardsDifferException>(() => ModelDirectory.Open(copy));
        Assert.Contains("ln_9", error.Message, StringComparison.Ordinal);
        Assert.Contains("ln_1", error.Message, StringComparison.Ordinal);

        File.WriteAllText(index, text);
        File.Delete(Path.Combine(copy, "pytorch_model-00002-of-00002.bin"));
        error = Assert.Throws<ShardsDifferException>(() => ModelDirectory.Open(copy));
        Assert.Contains("pytorch_model-00002-of-00002.bin", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_checkpoint_leaves_no_handle()
    {
        string copy = _directory.CopyFixture("tiny-gpt2-sharded-bin");
        string second = Path.Combine(copy, "pytorch_model-00002-of-00002.bin");
        File.WriteAllBytes(second, File.ReadAllBytes(second)[..^1]);

        Assert.ThrowsAny<CheckpointException>(() => ModelDirectory.Open(copy));
        using var alone = new FileStream(Path.Combine(copy, "pytorch_model-00001-of-00002.bin"), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
    }

    [Fact]
    public void What_is_written_here_is_planned_as_its_origin()
    {
        string copy = _directory.CopyFixture("tiny-gpt2");
        File.Delete(Path.Combine(copy, "model.safetensors"));
        using var original = ModelDirectory.Open(Repository.Fixture("tiny-gpt2"));
        PyTorchWriter.WriteStateDict(Path.Combine(copy, "pytorch_model.bin"), original.Weights.Tensors.Select(tensor => KeyValuePair.Create(
            tensor.Name, PyTorchTensor.FromWriter(TorchDType.Float32, tensor.Shape, stream =>
            {
                byte[] bytes = new byte[tensor.ByteCount];
                original.Weights.Read(tensor, 0, bytes);
                stream.Write(bytes);
            }))));
        using var directory = ModelDirectory.Open(copy);

        var plan = directory.Plan(null);
        Assert.Equal(original.Plan(null).Rows.Select(row => row.Target), plan.Rows.Select(row => row.Target));
        Assert.All(directory.Weights.Tensors, tensor => Assert.Equal(0, tensor.Offset % 64));
    }
}
