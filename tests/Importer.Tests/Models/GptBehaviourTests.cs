using System.Text.Json.Nodes;
using Importer.Models.Gpt;
using SafeTensorSharp;
using Tests.Shared;
using static TorchSharp.torch;

namespace Importer.Tests.Models;

/// <summary>What the golden sets, which are in f32 and evaluation mode, do not show.</summary>
public sealed class GptBehaviourTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Upcast_attention_tells_scores_apart_that_bf16_cannot()
    {
        // The scores of the second position are 1024 and 1027, which are the same number in bf16: the keys' values would be
        // mixed half and half, where 1 to 4.5 is right. Every weight and everything before the scores is exact in bf16.
        string crafted = TwoScores(upcast: true), without = TwoScores(upcast: false);
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var single = GptModel.FromPretrained(crafted, new() { Device = CPU });
        using var brain = GptModel.FromPretrained(crafted, new() { Device = CPU, DType = bfloat16 });
        using var rounded = GptModel.FromPretrained(without, new() { Device = CPU, DType = bfloat16 });
        var ids = tensor(new long[] { 0, 1 }).view(1, 2);
        var expected = single.call(ids);

        Assert.Equal(bfloat16, brain.call(ids).dtype);
        Assert.True(brain.call(ids).to(float32).allclose(expected, rtol: 0, atol: 0.02));
        Assert.False(rounded.call(ids).to(float32).allclose(expected, rtol: 0, atol: 0.2), "the scores do not need the upcast");
    }

    [Theory]
    [InlineData("variant-gelu-new", "attn_pdrop")]
    [InlineData("variant-gelu-new", "embd_pdrop")]
    [InlineData("variant-gelu-new", "resid_pdrop")]
    [InlineData("variant-reorder-and-upcast-attn", "attn_pdrop")]
    public void Each_dropout_acts_in_training_and_in_training_only(string name, string field)
    {
        string copy = _directory.CopyFixture(name);
        string path = Path.Combine(copy, "config.json");
        var config = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        foreach (string other in new[] { "attn_pdrop", "embd_pdrop", "resid_pdrop" })
        {
            config[other] = other == field ? 0.5 : 0.0;
        }

        File.WriteAllText(path, config.ToJsonString());
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var model = GptModel.FromPretrained(copy, new() { Device = CPU });
        var ids = arange(0, 16, int64).view(1, 16);
        var evaluated = model.call(ids);

        Assert.True(model.call(ids).allclose(evaluated, rtol: 0, atol: 0));
        model.train();
        var trained = model.call(ids);
        Assert.False(trained.allclose(evaluated, rtol: 0, atol: 1e-3));
        Assert.False(model.call(ids).allclose(trained, rtol: 0, atol: 1e-3));
        model.eval();
        Assert.True(model.call(ids).allclose(evaluated, rtol: 0, atol: 0));
    }

    [Fact]
    public void A_target_of_minus_100_is_not_counted()
    {
        using var scope = NewDisposeScope();
        using var model = GptModel.FromPretrained(Repository.Fixture("tiny-gpt2"), new() { Device = CPU });
        var ids = arange(0, 8, int64).view(1, 8);
        var targets = arange(1, 9, int64).view(1, 8);
        var masked = targets.clone();
        masked.narrow(1, 2, 5).fill_(-100);
        long[] counted = [0, 1, 7];

        var logits = model.call(ids).view(8, 211).log_softmax(-1);
        float expected = -counted.Select(i => logits[i, i + 1].item<float>()).Average();

        Assert.Equal(expected, model.Loss(ids, masked).item<float>(), 5);
        Assert.NotEqual(expected, model.Loss(ids, targets).item<float>(), 3);
    }

    /// <summary>
    /// A model of one block with one head of width 4, whose embeddings are balanced ±1, so that a layer norm returns them as
    /// they are. Query (32, 1, 0, 0) and key (32, 3 or 0, 0, 0) make the scores; the value is the input.
    /// </summary>
    private string TwoScores(bool upcast)
    {
        string path = _directory[upcast ? "upcast" : "plain"];
        Directory.CreateDirectory(path);
        var config = new GptConfig
        {
            VocabSize = 4,
            BlockSize = 2,
            EmbeddingSize = 4,
            LayerCount = 1,
            HeadCount = 1,
            ScaleAttention = false,
            ReorderAndUpcastAttention = upcast,
        };
        File.WriteAllText(Path.Combine(path, "config.json"), config.ToJson().ToJsonString());

        float[] attention = new float[4 * 12];
        attention[(1 * 12) + 5] = 1.5f; // the key's second number: 1.5 of the input's second, and 1.5
        for (int i = 0; i < 4; i++)
        {
            attention[(i * 12) + 8 + i] = 1;
        }

        float[] identity = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1], ones = [1, 1, 1, 1];
        SafeTensorWriter.Write(Path.Combine(path, "model.safetensors"), new[]
        {
            Entry("wte.weight", [4, 4], [1, -1, 1, -1, 1, 1, -1, -1, -1, 1, -1, 1, -1, -1, 1, 1]),
            Entry("wpe.weight", [2, 4], new float[8]),
            Entry("h.0.ln_1.weight", [4], ones),
            Entry("h.0.ln_1.bias", [4], new float[4]),
            Entry("h.0.attn.c_attn.weight", [4, 12], attention),
            Entry("h.0.attn.c_attn.bias", [12], [32, 1, 0, 0, 32, 1.5f, 0, 0, 0, 0, 0, 0]),
            Entry("h.0.attn.c_proj.weight", [4, 4], identity),
            Entry("h.0.attn.c_proj.bias", [4], new float[4]),
            Entry("h.0.ln_2.weight", [4], ones),
            Entry("h.0.ln_2.bias", [4], new float[4]),
            Entry("h.0.mlp.c_fc.weight", [4, 16], new float[64]),
            Entry("h.0.mlp.c_fc.bias", [16], new float[16]),
            Entry("h.0.mlp.c_proj.weight", [16, 4], new float[64]),
            Entry("h.0.mlp.c_proj.bias", [4], new float[4]),
            Entry("ln_f.weight", [4], ones),
            Entry("ln_f.bias", [4], new float[4]),
        });
        return path;

        static SafeTensorEntry Entry(string name, long[] shape, float[] values) =>
            SafeTensorEntry.FromBytes(name, DType.F32, shape, System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values).ToArray());
    }
}
