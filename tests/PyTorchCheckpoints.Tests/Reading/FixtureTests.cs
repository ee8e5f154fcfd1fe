using SafeTensorSharp;
using Tests.Shared;

namespace PyTorchCheckpoints.Tests;

/// <summary>Checkpoints that PyTorch itself wrote, against the same tensors in safetensors.</summary>
public sealed class FixtureTests
{
    [Fact]
    public void Reads_a_zip_checkpoint_of_transformers()
    {
        using PyTorchCheckpoint file = Open("tiny-gpt2-bin", "pytorch_model.bin");
        Assert.Equal(CheckpointContainer.Zip, file.Header.Container);
        Assert.Empty(file.Header.Warnings);
        Assert.Equal("", file.StateDict.Keys);
        Assert.Equal(47, file.StateDict.Tensors.Count);
        PyTorchTensor mask = file.StateDict["transformer.h.0.attn.bias"];
        Assert.Equal((TorchDType.UInt8, 4), (mask.DType, mask.Shape.Count));
        Assert.Equal(-1e4, Assert.IsType<FloatValue>(file.ReadScalar(file.StateDict["transformer.h.0.attn.masked_bias"])).Value);
        Assert.Equal([["transformer.wte.weight", "lm_head.weight"]], file.StateDict.FindTies());
        Assert.True(Assert.IsType<DictionaryValue>(file.Header.Root).IsOrdered);
    }

    [Fact]
    public void The_legacy_container_holds_the_same_values_as_the_zip_container()
    {
        using PyTorchCheckpoint zip = Open("tiny-gpt2-bin", "pytorch_model.bin"), legacy = Open("tiny-gpt2-bin-legacy", "pytorch_model.bin");
        Assert.Equal(CheckpointContainer.Legacy, legacy.Header.Container);
        Assert.Equal(43, legacy.StateDict.Tensors.Count);
        foreach (PyTorchTensor tensor in legacy.StateDict.Tensors.Where(t => !t.Name!.EndsWith("attn.bias", StringComparison.Ordinal)))
        {
            PyTorchTensor twin = zip.StateDict["transformer." + tensor.Name];
            Assert.Equal(twin.Shape, tensor.Shape);
            Assert.Equal(zip.ReadBytes(twin), legacy.ReadBytes(tensor));
        }
    }

    [Fact]
    public void Shards_hold_the_same_values_as_their_twin_in_safetensors()
    {
        using SafeTensorSet twin = SafeTensorSet.Open(Path.Combine(Repository.Fixture("tiny-gpt2-sharded"), "model.safetensors.index.json"));
        HashSet<string> seen = [];
        for (int shard = 1; shard <= 2; shard++)
        {
            using PyTorchCheckpoint file = Open("tiny-gpt2-sharded-bin", $"pytorch_model-0000{shard}-of-00002.bin");
            foreach (PyTorchTensor tensor in file.StateDict.Tensors)
            {
                string name = tensor.Name! == "lm_head.weight" ? "transformer.wte.weight" : tensor.Name!;
                SafeTensorSetTensor expected = twin[name];
                Assert.Equal(expected.Info.Shape, tensor.Shape);
                Assert.Equal(TorchDType.Float16, tensor.DType);
                Assert.Equal(expected.Shard.File.ReadBytes(name), file.ReadBytes(tensor));
                seen.Add(name);
            }
        }

        Assert.Equal(twin.Tensors.Count, seen.Count);
    }

    [Theory]
    [InlineData("pretrain_64.pth", CheckpointContainer.Zip)]
    [InlineData("pretrain_64_legacy.pth", CheckpointContainer.Legacy)]
    public void Minimind_files_hold_the_same_values_as_their_twin_in_safetensors(string name, CheckpointContainer container)
    {
        using SafeTensorFile twin = SafeTensorFile.Open(Path.Combine(Repository.Fixture("minimind-like"), "values.safetensors"));
        using PyTorchCheckpoint file = Open("minimind-like", name);
        Assert.Equal(container, file.Header.Container);
        Assert.Equal(twin.Header.Tensors.Select(t => t.Name).Order(), file.StateDict.Tensors.Select(t => t.Name!).Order());
        Assert.Empty(file.StateDict.FindTies());
        foreach (PyTorchTensor tensor in file.StateDict.Tensors)
        {
            Assert.Equal(twin.Header[tensor.Name!].Shape, tensor.Shape);
            Assert.Equal(twin.ReadBytes(tensor.Name!), file.ReadBytes(tensor));
            Assert.False(tensor.IsParameter);
        }
    }

    [Fact]
    public void Reads_what_nanoGPT_saves_beside_the_model()
    {
        using PyTorchCheckpoint file = Open("nanogpt-ckpt", "ckpt.pt");
        Assert.Equal("model", file.StateDict.Keys);
        Assert.Equal(["model", "optimizer", "model_args", "iter_num", "best_val_loss", "config"], Assert.IsType<DictionaryValue>(file.Header.Root).Keys.Select(key => ((TextValue)key).Value));
        Assert.Equal(25, file.StateDict.Tensors.Count);
        Assert.Equal([["transformer.wte.weight", "lm_head.weight"]], file.StateDict.FindTies());
        Assert.Equal(
            """{"n_layer":3,"n_head":4,"n_embd":40,"block_size":64,"bias":false,"vocab_size":65,"dropout":0.0}""", file.ToJson("model_args")!.ToJsonString());
        Assert.Equal(300, (int)file.ToJson("iter_num")!);
        Assert.Equal(2.6107, (double)file.ToJson("best_val_loss")!, 1e-4);
        Assert.Equal("shakespeare_char", (string?)file.ToJson("config/dataset"));
        Assert.Equal(0.005, (double)file.ToJson("config/learning_rate")!);
    }

    [Fact]
    public void Reads_the_keys_of_a_compiled_model_as_they_are()
    {
        using TemporaryDirectory directory = new();
        using PyTorchCheckpoint plain = Open("nanogpt-ckpt", "ckpt.pt");
        PyTorchWriter.WriteStateDict(directory["x.pt"], plain.StateDict.Tensors.Select(tensor => KeyValuePair.Create("_orig_mod." + tensor.Name, tensor)));
        using PyTorchCheckpoint file = PyTorchCheckpoint.Open(directory["x.pt"]);
        Assert.Equal(plain.StateDict.Tensors.Select(tensor => "_orig_mod." + tensor.Name), file.StateDict.Tensors.Select(tensor => tensor.Name));
        Assert.All(file.StateDict.Tensors, tensor => Assert.Equal(
            plain.ReadBytes(plain.StateDict[tensor.Name!["_orig_mod.".Length..]]), file.ReadBytes(tensor)));
    }

    [Fact]
    public void Reads_an_optimizers_state_by_parameter_and_key()
    {
        using PyTorchCheckpoint file = Open("nanogpt-ckpt", "ckpt.pt");
        Assert.True(OptimizerState.TryRead(((DictionaryValue)file.Header.Root)["optimizer"], out OptimizerState? optimizer));
        Assert.Equal(Enumerable.Range(0, 21).Select(i => (long)i), optimizer.Parameters);
        Assert.Equal([14, 7], optimizer.ParamGroups.Select(group => Assert.IsType<SequenceValue>(group["params"]).Count));
        Assert.Equal(0.1, Assert.IsType<FloatValue>(optimizer.ParamGroups[0]["weight_decay"]).Value);
        Assert.True(optimizer.TryGetTensor(4, "exp_avg", out PyTorchTensor? moment));
        Assert.Equal([160, 40], moment.Shape);
        Assert.True(optimizer.TryGetTensor(20, "step", out PyTorchTensor? step));
        Assert.Equal(300, Assert.IsType<FloatValue>(file.ReadScalar(step)).Value);
        Assert.False(optimizer.TryGetTensor(21, "step", out _));
        Assert.False(OptimizerState.TryRead(file.Header.Root, out _));
    }

    [Fact]
    public void Every_record_has_its_checksum()
    {
        using PyTorchCheckpoint file = Open("nanogpt-ckpt", "ckpt.pt");
        Assert.Equal(90, file.Verify());
        using PyTorchCheckpoint legacy = Open("tiny-gpt2-bin-legacy", "pytorch_model.bin");
        Assert.Equal(0, legacy.Verify());
    }

    private static PyTorchCheckpoint Open(string fixture, string name) => PyTorchCheckpoint.Open(Path.Combine(Repository.Fixture(fixture), name));
}
