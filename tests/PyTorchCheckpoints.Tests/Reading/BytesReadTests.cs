using Tests.Shared;

namespace PyTorchCheckpoints.Tests;

/// <summary>How little of a file is read: an optimizer's state is two thirds of a training checkpoint and nobody's business.</summary>
public sealed class BytesReadTests
{
    [Fact]
    public void The_model_of_a_nanoGPT_checkpoint_costs_a_third_of_its_bytes()
    {
        using TemporaryDirectory directory = new();
        string path = directory["ckpt.pt"];
        WriteCheckpoint(path);
        MemorySource source = new(File.ReadAllBytes(path), path);
        using PyTorchCheckpoint file = PyTorchCheckpoint.Open(source, new CheckpointReadOptions());
        HashSet<TensorStorage> seen = [];
        foreach (PyTorchTensor tensor in file.StateDict.Tensors.Where(tensor => seen.Add(tensor.Storage)))
        {
            file.ReadBytes(tensor);
        }

        long read = source.Reads.Sum(r => (long)r.Count);
        Assert.InRange((double)read / source.Length, 0.32, 0.34);

        // And not one byte of the optimizer's.
        Assert.True(OptimizerState.TryRead(((DictionaryValue)file.Header.Root)["optimizer"], out OptimizerState? optimizer));
        Assert.True(optimizer.TryGetTensor(0, "exp_avg", out PyTorchTensor? moment));
        long start = file.GetFileOffset(moment), end = start + moment.ByteCount;
        Assert.DoesNotContain(source.Reads, r => r.Position < end && r.Position + r.Count > start && r.Count > 100);
        file.ReadBytes(moment);
        Assert.Contains(source.Reads, r => r.Position == start && r.Count == moment.ByteCount);
    }

    [Fact]
    public void The_parameters_of_the_fixture_cost_a_third_although_it_is_tiny()
    {
        string path = Path.Combine(Repository.Fixture("nanogpt-ckpt"), "ckpt.pt");
        MemorySource source = new(File.ReadAllBytes(path), path);
        using PyTorchCheckpoint file = PyTorchCheckpoint.Open(source, new CheckpointReadOptions());
        foreach (PyTorchTensor tensor in file.StateDict.Tensors.Where(t => t.Name is not "lm_head.weight" && !t.Name!.EndsWith("attn.bias", StringComparison.Ordinal)))
        {
            file.ReadBytes(tensor);
        }

        Assert.InRange((double)source.Reads.Sum(r => (long)r.Count) / source.Length, 0.28, 0.34);
    }

    [Theory]
    [InlineData("nanogpt-ckpt/ckpt.pt")]
    [InlineData("tiny-gpt2-bin/pytorch_model.bin")]
    [InlineData("tiny-gpt2-bin-legacy/pytorch_model.bin")]
    public void Identifying_reads_the_pickle_and_the_directory_only(string fixture)
    {
        string path = Path.Combine(Repository.Root, "fixtures", fixture);
        CheckpointHeader header = CheckpointHeader.Identify(path);
        Assert.InRange(header.BytesRead, 1, 90_000);
        using FileStream stream = File.OpenRead(path);
        Assert.Equal(header.StateDict.Tensors.Select(t => t.ToString()), CheckpointHeader.Identify(stream).StateDict.Tensors.Select(t => t.ToString()));
        Assert.True(stream.CanRead);
    }

    private static void WriteCheckpoint(string path)
    {
        PyTorchTensor Zeros(params long[] shape) => PyTorchTensor.FromBytes(TorchDType.Float32, shape, new byte[shape.Aggregate(4L, (a, b) => a * b)]);
        long[][] shapes = [[65, 128], [64, 128], [384, 128], [128, 128], [512, 128], [128, 512]];
        PyTorchTensor[] weights = [.. shapes.Select(shape => Zeros(shape))];
        DictionaryValue model = PyTorchWriter.StateDict([.. weights.Select((tensor, i) => KeyValuePair.Create($"transformer.{i}.weight", tensor)), new("lm_head.weight", weights[0])]);
        DictionaryValue state = new();
        for (int i = 0; i < shapes.Length; i++)
        {
            state.Add(i, new DictionaryValue { { "step", Zeros() }, { "exp_avg", Zeros(shapes[i]) }, { "exp_avg_sq", Zeros(shapes[i]) } });
        }

        DictionaryValue group = new() { { "lr", 0.1 }, { "params", SequenceValue.List(Enumerable.Range(0, shapes.Length).Select(i => (CheckpointValue)(long)i)) } };
        PyTorchWriter.Write(path, new DictionaryValue
        {
            { "model", model },
            { "optimizer", new DictionaryValue { { "state", state }, { "param_groups", SequenceValue.List(group) } } },
            { "iter_num", 3 },
        });
    }
}
