using System.Text.Json.Nodes;
using Importer.Conversion;
using Importer.Loading;
using Importer.Mapping;
using Importer.Mapping.Problems;
using Importer.Models;
using Importer.Models.Gpt;
using Importer.Models.GptNeo;
using Importer.Models.GptNeoX;
using Importer.Models.Llama;
using Importer.Models.Opt;
using Importer.Runtime;
using Importer.Tests.Golden;
using SafeTensorSharp;
using Tests.Shared;
using static TorchSharp.torch;

namespace Importer.Tests.Loading;

/// <summary>Loading any family: the right class, refusals, imports, memory.</summary>
public sealed class PretrainedModelTests : IDisposable
{
    private static readonly PretrainedOptions OnCpu = new() { Device = CPU };
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("tiny-gpt2", typeof(GptModel))]
    [InlineData("tiny-llama", typeof(LlamaModel))]
    [InlineData("tiny-mistral", typeof(LlamaModel))]
    [InlineData("tiny-qwen2-tied", typeof(LlamaModel))]
    [InlineData("tiny-minimind-qwen3", typeof(LlamaModel))]
    [InlineData("tiny-minimind2", typeof(LlamaModel))]
    [InlineData("tiny-gpt-neo", typeof(GptNeoModel))]
    [InlineData("tiny-gpt-neox", typeof(GptNeoXModel))]
    [InlineData("tiny-opt", typeof(OptModel))]
    [InlineData("tiny-opt-350m-style", typeof(OptModel))]
    public async Task The_configuration_says_which_model_it_is(string fixture, Type type)
    {
        using var model = await PretrainedModel.FromPretrainedAsync(GoldenModel.Weights(fixture), OnCpu);

        Assert.IsType(type, model);
        Assert.Equal(model.Config.ParameterCount, model.parameters().Sum(parameter => parameter.NumberOfElements));
        Assert.False(model.training);
    }

    [Theory]
    [InlineData("tiny-gpt2-prefixed", typeof(GptModel))]
    [InlineData("tiny-qwen2", typeof(LlamaModel))]
    [InlineData("tiny-gpt-neo-buffers", typeof(GptNeoModel))]
    [InlineData("tiny-gpt-neox", typeof(GptNeoXModel))]
    [InlineData("tiny-opt-350m-style", typeof(OptModel))]
    public void Without_a_model_type_the_keys_say_which_model_it_is(string fixture, Type type)
    {
        string copy = Edited(fixture, json => json.Remove("model_type"));

        using var model = PretrainedModel.FromPretrained(copy, OnCpu);

        Assert.IsType(type, model);
    }

    [Theory]
    [InlineData("tiny-llama")]
    [InlineData("tiny-minimind-qwen3")]
    public void Keys_that_several_families_share_need_a_model_type(string fixture)
    {
        string copy = Edited(fixture, json => json.Remove("model_type"));

        var error = Assert.Throws<NoMappingException>(() => PretrainedModel.FromPretrained(copy, OnCpu));

        Assert.Contains("a model_type in", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_refuses_another_familys_model_and_names_the_class_for_it()
    {
        string gpt = Repository.Fixture("tiny-gpt2"), llama = Repository.Fixture("tiny-qwen2"), neo = Repository.Fixture("tiny-gpt-neo"), opt = Repository.Fixture("tiny-opt");

        Assert.Contains("Use LlamaModel", Refusal(() => GptModel.FromPretrained(llama, OnCpu)), StringComparison.Ordinal);
        Assert.Contains("Use GptNeoModel", Refusal(() => GptModel.FromPretrained(neo, OnCpu)), StringComparison.Ordinal);
        Assert.Contains("Use GptModel", Refusal(() => LlamaModel.FromPretrained(gpt, OnCpu)), StringComparison.Ordinal);
        Assert.Contains("Use LlamaModel", Refusal(() => GptNeoXModel.FromPretrained(llama, OnCpu)), StringComparison.Ordinal);
        Assert.Contains("Use OptModel", Refusal(() => LlamaModel.FromPretrained(opt, OnCpu)), StringComparison.Ordinal);
        Assert.Contains("Use GptNeoModel", Refusal(() => OptModel.FromPretrained(neo, OnCpu)), StringComparison.Ordinal);
        Assert.Contains("PretrainedModel", Refusal(() => GptNeoModel.FromPretrained(gpt, OnCpu)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_family_without_a_model_is_refused_with_those_that_there_are()
    {
        string copy = Edited("tiny-llama", json => json["model_type"] = "bloom");

        string message = Refusal(() => PretrainedModel.FromPretrained(copy, OnCpu));

        Assert.Contains("bloom", message, StringComparison.Ordinal);
        Assert.Contains("llama", message, StringComparison.Ordinal);
        Assert.Contains("gpt_neox", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tiny-qwen2", "model.layers.1.self_attn.k_proj.bias")]
    [InlineData("tiny-llama-bias-linrope", "model.layers.0.self_attn.o_proj.bias")]
    [InlineData("tiny-gpt-neo", "transformer.h.3.attn.attention.out_proj.bias")]
    [InlineData("tiny-gpt-neox", "gpt_neox.layers.0.attention.dense.bias")]
    [InlineData("tiny-minimind-qwen3", "model.layers.1.self_attn.q_norm.weight")]
    [InlineData("tiny-opt", "model.decoder.layers.1.fc2.bias")]
    [InlineData("tiny-opt-350m-style", "model.decoder.project_out.weight")]
    public void A_missing_tensor_is_named(string fixture, string name)
    {
        string copy = Rewritten(fixture, tensors => tensors.RemoveAll(tensor => tensor.Name == name));

        var error = Assert.Throws<CheckpointMismatchException>(() => PretrainedModel.FromPretrained(copy, OnCpu));

        Assert.Equal(name, Assert.Single(error.Problems.OfType<MissingTensor>()).Name);
    }

    [Theory]
    [InlineData("tiny-llama", "model.layers.0.self_attn.q_proj.bias")]
    [InlineData("tiny-gpt-neo", "transformer.h.0.attn.attention.q_proj.bias")]
    [InlineData("tiny-gpt-neox", "gpt_neox.layers.0.attention.rotary_emb.cos_cached")]
    [InlineData("tiny-llama-tied", "score.weight")]
    [InlineData("tiny-opt-350m-style", "model.decoder.final_layer_norm.weight")]
    public void An_unexpected_tensor_is_named(string fixture, string name)
    {
        string copy = Rewritten(fixture, tensors => tensors.Add((name, DType.F32, [4], new byte[16])));

        var error = Assert.Throws<CheckpointMismatchException>(() => PretrainedModel.FromPretrained(copy, OnCpu));

        Assert.Equal(name, Assert.Single(error.Problems.OfType<UnexpectedTensor>()).Tensor.Name);
    }

    [Fact]
    public void A_dropped_tensor_of_any_size_still_has_its_dimensions()
    {
        const string Name = "gpt_neox.layers.0.attention.rotary_emb.inv_freq";
        string copy = Rewritten("tiny-gpt-neox", tensors => tensors.Add((Name, DType.F32, [2, 2], new byte[16])));

        var error = Assert.Throws<CheckpointMismatchException>(() => PretrainedModel.FromPretrained(copy, OnCpu));

        var problem = Assert.Single(error.Problems.OfType<WrongShape>());
        Assert.Equal(Name, problem.Name);
        Assert.Contains("[2, 2], expected [*]", problem.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tiny-llama", "num_hidden_layers", 3)]
    [InlineData("tiny-llama", "vocab_size", 150)]
    [InlineData("tiny-qwen2", "intermediate_size", 70)]
    [InlineData("tiny-gpt-neox", "vocab_size", 150)]
    [InlineData("tiny-opt", "max_position_embeddings", 66)]
    [InlineData("tiny-opt-350m-style", "word_embed_proj_dim", 40)]
    public void A_configuration_that_contradicts_the_weights_is_named(string fixture, string field, int value)
    {
        string copy = Edited(fixture, json => json[field] = value);

        var error = Assert.Throws<CheckpointMismatchException>(() => PretrainedModel.FromPretrained(copy, OnCpu));

        Assert.Contains(error.Problems.OfType<ConfigContradiction>(), problem => problem.Keys.Contains(field));
    }

    [Theory]
    [InlineData("tiny-llama")]
    [InlineData("tiny-llama-sharded-f16")]
    [InlineData("tiny-mistral")]
    [InlineData("tiny-qwen2-tied")]
    [InlineData("tiny-minimind-qwen3")]
    [InlineData("tiny-minimind-moe")]
    [InlineData("tiny-minimind2")]
    [InlineData("tiny-minimind-old")]
    [InlineData("tiny-minimind-v1")]
    [InlineData("tiny-gpt-neo-buffers")]
    [InlineData("tiny-gpt-neox")]
    [InlineData("tiny-gpt-neox-seq")]
    [InlineData("tiny-opt")]
    [InlineData("tiny-opt-350m-style")]
    public async Task An_imported_directory_loads_with_equal_logits(string fixture)
    {
        var result = await WeightImporter.ImportAsync(GoldenModel.Weights(fixture), _directory.Path, new ImportOptions { Name = "imported" });

        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var original = PretrainedModel.FromPretrained(GoldenModel.Weights(fixture), OnCpu);
        using var imported = PretrainedModel.FromPretrained(result.Directory, OnCpu);
        var ids = arange(0, 17, int64).view(1, 17);
        Assert.Equal(original.Config.ToJson().ToJsonString(), imported.Config.ToJson().ToJsonString());
        Assert.True(original.call(ids).allclose(imported.call(ids), rtol: 0, atol: 0));
        Assert.EndsWith(" (imported)", imported.LoadReport!.Mapping, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("tiny-llama")]
    [InlineData("tiny-mistral")]
    [InlineData("tiny-minimind-moe")]
    [InlineData("tiny-gpt-neo")]
    [InlineData("tiny-gpt-neox")]
    [InlineData("tiny-opt")]
    [InlineData("tiny-opt-350m-style")]
    public void Nothing_is_left_of_a_model_that_was_used_outside_of_any_scope(string fixture)
    {
        Skip.If(TorchEnvironment.Current().Runtime != "system", "TorchSharp 0.107 counts a Parameter's tensor twice and frees it once.");
        using var ids = ones([1, 12], int64);
        using var one = ones([1, 1], int64);
        long before = LiveTensors.Settle();

        using (var model = PretrainedModel.FromPretrained(GoldenModel.Weights(fixture), OnCpu))
        using (no_grad())
        {
            model.call(ids).Dispose();
            foreach (var state in model.HiddenStates(ids))
            {
                state.Dispose();
            }

            using var cache = new KeyValueCache(model, 1, 20, padding: [2]);
            model.forward(ids, cache).Dispose();
            model.forward(one, cache).Dispose();
            Assert.Throws<ArgumentException>(() => model.forward(ids, cache));
        }

        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void A_cache_is_for_one_model_one_batch_and_so_many_tokens()
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var model = LlamaModel.FromPretrained(Repository.Fixture("tiny-llama"), OnCpu);
        using var other = LlamaModel.FromPretrained(Repository.Fixture("tiny-llama"), OnCpu);
        using var cache = new KeyValueCache(model, batchSize: 2, capacity: 8);
        var ids = zeros([2, 5], int64);

        Assert.Throws<ArgumentException>(() => other.forward(ids, cache));
        Assert.Throws<ArgumentException>(() => model.forward(zeros([1, 5], int64), cache));
        model.forward(ids, cache);
        Assert.Equal(5, cache.Length);
        Assert.Throws<ArgumentException>(() => model.forward(ids, cache));
        cache.Truncate(3);
        Assert.Equal([2, 5, 151], model.forward(ids, cache).shape);
        Assert.Throws<ArgumentOutOfRangeException>(() => cache.Truncate(9));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeyValueCache(model, 1, model.Config.BlockSize + 1));
        Assert.Throws<ArgumentException>(() => new KeyValueCache(model, 2, 8, padding: [1]));
        Assert.Throws<ArgumentException>(() => new KeyValueCache(model, 1, 8, padding: [8]));
    }

    [Fact]
    public void A_shorter_context_is_kept_by_a_model_without_a_position_table()
    {
        using var scope = NewDisposeScope();
        using var model = PretrainedModel.FromPretrained(Repository.Fixture("tiny-llama"), new PretrainedOptions { Device = CPU, BlockSize = 8, Dropout = 0.5 });

        Assert.Equal(8, model.Config.BlockSize);
        Assert.Equal(0.5, ((LlamaModel)model).Config.AttentionDropout);
        Assert.Throws<ArgumentException>(() => model.call(zeros([1, 9], int64)));
    }

    [Theory]
    [InlineData("tiny-qwen2-tied")]
    [InlineData("tiny-gpt-neo-buffers")]
    [InlineData("tiny-minimind-moe")]
    [InlineData("tiny-opt-350m-style")]
    public void A_model_in_bf16_comes_close_to_one_in_f32_and_one_in_f64_closer(string fixture)
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var golden = new GoldenModel(fixture);
        var expected = golden.Expected("logits");
        foreach (var (dtype, tolerance) in new[] { (ScalarType.BFloat16, 0.5f), (ScalarType.Float64, 5e-5f) })
        {
            using var model = PretrainedModel.FromPretrained(GoldenModel.Weights(fixture), new PretrainedOptions { Device = CPU, DType = dtype });
            var logits = model.call(golden.Ids);

            Assert.Equal(dtype, logits.dtype);
            Assert.InRange((logits.to(float32) - expected).abs().mean().item<float>(), 0, tolerance / 5);
        }
    }

    private static string Refusal(Func<PretrainedModel> load)
    {
        var error = Assert.Throws<ModelConfigException>(() =>
        {
            using var model = load();
        });
        Assert.Equal("model_type", error.Field);
        return error.Message;
    }

    private string Edited(string fixture, Action<JsonObject> edit)
    {
        string copy = _directory.CopyFixture(fixture);
        string path = Path.Combine(copy, "config.json");
        var json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        edit(json);
        File.WriteAllText(path, json.ToJsonString());
        return copy;
    }

    private string Rewritten(string fixture, Action<List<(string Name, DType DType, long[] Shape, byte[] Bytes)>> edit)
    {
        string copy = _directory.CopyFixture(fixture);
        string path = Path.Combine(copy, "model.safetensors");
        var tensors = new List<(string Name, DType DType, long[] Shape, byte[] Bytes)>();
        using (var file = SafeTensorFile.Open(path))
        {
            foreach (var info in file.Header.Tensors)
            {
                byte[] bytes = new byte[info.ByteCount];
                file.Read(info, bytes);
                tensors.Add((info.Name, info.DType, [.. info.Shape], bytes));
            }
        }

        edit(tensors);
        SafeTensorWriter.Write(path, tensors.Select(tensor => SafeTensorEntry.FromBytes(tensor.Name, tensor.DType, tensor.Shape, tensor.Bytes)));
        return copy;
    }
}
