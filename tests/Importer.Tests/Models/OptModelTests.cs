using System.Text.Json.Nodes;
using Importer.Export;
using Importer.Models.Opt;
using Importer.Tests.Export;
using SafeTensorSharp;
using Tests.Shared;
using static TorchSharp.torch;

namespace Importer.Tests.Models;

/// <summary>Forms of OPT that no golden set has, each against one that computes the same.</summary>
public sealed class OptModelTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("tiny-opt")]
    [InlineData("tiny-opt-350m-style")]
    public void Without_biases_and_without_parameters_in_its_norms_it_is_one_with_zeros_and_ones(string fixture)
    {
        string plain = Changed(fixture, "plain", _ => { }, tensor => IsNorm(tensor.Name) || IsBias(tensor.Name) ? tensor with { Bytes = Filled(tensor, IsBias(tensor.Name) ? 0 : 1) } : tensor);
        string bare = Changed(
            fixture, "bare",
            json => { json["enable_bias"] = false; json["layer_norm_elementwise_affine"] = false; },
            tensor => IsNorm(tensor.Name) || IsBias(tensor.Name) ? null : tensor);

        using var model = OptModel.FromPretrained(bare, new() { Device = CPU });
        Assert.Equal(Exports.Logits(plain), Exports.Logits(bare));
        Assert.NotEqual(Exports.Logits(Repository.Fixture(fixture)), Exports.Logits(bare));
        Assert.Equal(model.Config.ParameterCount, model.parameters().Sum(parameter => parameter.NumberOfElements));
    }

    [Fact]
    public void Without_the_final_norm_the_head_takes_what_the_last_block_gives()
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        string path = Changed(
            "tiny-opt", "removed", json => json["_remove_final_layer_norm"] = true,
            tensor => tensor.Name.StartsWith("model.decoder.final_layer_norm.", StringComparison.Ordinal) ? null : tensor);
        using var whole = OptModel.FromPretrained(Repository.Fixture("tiny-opt"), new() { Device = CPU });
        using var model = OptModel.FromPretrained(path, new() { Device = CPU });
        var ids = arange(0, 17, int64).view(1, 17);
        var expected = whole.HiddenStates(ids)[^2];

        var states = model.HiddenStates(ids);
        states[^2].Dispose(); // each state is the caller's own

        Assert.True(expected.allclose(states[^1], rtol: 0, atol: 0));
        Assert.True(model.Head(expected).allclose(model.call(ids), rtol: 0, atol: 0));
    }

    [Theory]
    [InlineData("tiny-opt")]
    [InlineData("tiny-opt-350m-style")]
    public async Task Keys_of_the_model_without_a_head_are_read_and_kept(string fixture)
    {
        string path = Changed(fixture, "decoder", json => json["architectures"] = new JsonArray("OPTModel"), WithoutModel);

        await WeightExporter.ExportAsync(path, _directory["hf"]);

        Assert.Equal(Exports.Logits(Repository.Fixture(fixture)), Exports.Logits(path));
        Assert.Equal(Exports.Read(path).Keys.Order(StringComparer.Ordinal), Exports.Read(_directory["hf"]).Keys.Order(StringComparer.Ordinal));
        Assert.Equal("OPTForCausalLM", (string)JsonNode.Parse(File.ReadAllText(_directory["hf", "config.json"]))!["architectures"]![0]!);
    }

    [Theory]
    [InlineData("tiny-opt", true)]
    [InlineData("tiny-opt-350m-style", true)]
    [InlineData("tiny-opt", false)]
    [InlineData("tiny-opt-350m-style", false)]
    public async Task A_head_that_is_stored_is_the_embedding_or_its_own(string fixture, bool tied)
    {
        var embedding = Exports.Read(Repository.Fixture(fixture))["model.decoder.embed_tokens.weight"];
        string path = Changed(
            fixture, "head", json => json["tie_word_embeddings"] = tied, WithoutModel,
            new Stored("lm_head.weight", embedding.DType, [.. embedding.Shape.Split(',').Select(long.Parse)], embedding.Bytes));

        await WeightExporter.ExportAsync(path, _directory["hf"]);

        using var model = OptModel.FromPretrained(path, new() { Device = CPU });
        Assert.Equal(!tied, model.named_parameters().Any(parameter => parameter.name == "lm_head.weight"));
        Assert.Equal(Exports.Logits(Repository.Fixture(fixture)), Exports.Logits(model));

        // From an untied model's keys without `model.` transformers loads no head.
        Assert.Equal(!tied, Exports.Read(_directory["hf"]).ContainsKey("model.decoder.embed_tokens.weight"));
        Assert.Equal(Exports.Logits(path), Exports.Logits(_directory["hf"]));
    }

    [Theory]
    [InlineData("tiny-opt")]
    [InlineData("tiny-opt-350m-style")]
    public void A_smaller_block_size_keeps_the_rows_before_the_first_position_too(string fixture)
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var whole = OptModel.FromPretrained(Repository.Fixture(fixture), new() { Device = CPU });
        using var cropped = OptModel.FromPretrained(Repository.Fixture(fixture), new() { Device = CPU, BlockSize = 17 });
        var ids = arange(0, 17, int64).view(1, 17);

        Assert.Equal(17, cropped.Config.BlockSize);
        Assert.Equal([19, whole.Config.EmbeddingSize], cropped.Decoder.Positions.Weight.shape);
        Assert.Equal(whole.Config.BlockSize + 2, cropped.LoadReport!.Cropped["decoder.embed_positions.weight"]);
        Assert.True(whole.call(ids).allclose(cropped.call(ids), rtol: 0, atol: 0));
        Assert.Throws<ArgumentException>(() => cropped.call(zeros([1, 18], int64)));

        cropped.SavePretrained(_directory["hf"]);
        using var again = OptModel.FromPretrained(_directory["hf"], new() { Device = CPU });
        Assert.Equal(17, again.Config.BlockSize);
        Assert.True(whole.call(ids).allclose(again.call(ids), rtol: 0, atol: 0));
    }

    [Theory]
    [InlineData("tiny-opt")]
    [InlineData("tiny-opt-350m-style")]
    public void The_gradient_is_the_slope_of_the_loss(string fixture)
    {
        using var scope = NewDisposeScope();
        using var model = OptModel.FromPretrained(Repository.Fixture(fixture), new() { Device = CPU, DType = ScalarType.Float64 });
        var ids = (arange(0, 24, int64) * 7 % 60).view(2, 12);
        var targets = (ids * 5 + 3) % 60;
        double Loss() => model.Loss(ids, targets).item<double>();

        model.Loss(ids, targets).backward();
        using var mode = no_grad();
        foreach (var (name, parameter) in model.named_parameters())
        {
            const double Step = 1e-5;
            var direction = (arange(0, parameter.numel(), float64) * 1.7).cos().view(parameter.shape);
            double expected = (parameter.grad! * direction).sum().item<double>();
            parameter.add_(direction * Step);
            double above = Loss();
            parameter.sub_(direction * (2 * Step));
            double below = Loss();
            parameter.add_(direction * Step);
            Assert.True(Math.Abs(((above - below) / (2 * Step)) - expected) < 1e-6, name);
        }
    }

    [Fact]
    public void The_whole_context_can_be_used()
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var model = OptModel.FromPretrained(Repository.Fixture("tiny-opt"), new() { Device = CPU });

        Assert.Equal([1, 64, 147], model.call(arange(0, 64, int64).view(1, 64)).shape);
        Assert.Throws<ArgumentException>(() => model.call(zeros([1, 65], int64)));
    }

    private static bool IsNorm(string name) => name.Contains("layer_norm", StringComparison.Ordinal);

    private static bool IsBias(string name) => name.EndsWith(".bias", StringComparison.Ordinal);

    private static Stored WithoutModel(Stored tensor) => tensor with { Name = tensor.Name["model.".Length..] };

    private static byte[] Filled(Stored tensor, int value) => tensor.DType == DType.F16
        ? [.. Enumerable.Repeat(BitConverter.GetBytes((Half)value), tensor.Bytes.Length / 2).SelectMany(bytes => bytes)]
        : [.. Enumerable.Repeat(BitConverter.GetBytes((float)value), tensor.Bytes.Length / 4).SelectMany(bytes => bytes)];

    private string Changed(string fixture, string name, Action<JsonObject> config, Func<Stored, Stored?> change, params Stored[] more)
    {
        string copy = _directory[name];
        Directory.CreateDirectory(copy);
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Fixture(fixture), "config.json")))!.AsObject();
        config(json);
        File.WriteAllText(Path.Combine(copy, "config.json"), json.ToJsonString());
        var tensors = Exports.Read(Repository.Fixture(fixture))
            .Select(tensor => change(new Stored(tensor.Key, tensor.Value.DType, [.. tensor.Value.Shape.Split(',').Select(long.Parse)], tensor.Value.Bytes)))
            .OfType<Stored>().Concat(more);
        SafeTensorWriter.Write(
            Path.Combine(copy, "model.safetensors"), tensors.Select(tensor => SafeTensorEntry.FromBytes(tensor.Name, tensor.DType, tensor.Shape, tensor.Bytes)));
        return copy;
    }

    private sealed record Stored(string Name, DType DType, long[] Shape, byte[] Bytes);
}
