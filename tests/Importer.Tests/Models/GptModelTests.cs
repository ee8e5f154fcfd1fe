using System.Text.Json;
using Importer.Mapping;
using Importer.Models.Gpt;
using Importer.Models.Layers;
using Tests.Shared;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Importer.Tests.Models;

public sealed class GptModelTests
{
    private static GptModel Empty(GptConfig config) => new(config, new ParameterScope((_, shape) => new Parameter(zeros(shape))));

    [Theory]
    [InlineData("gpt2", true, null, true)]
    [InlineData("gpt2", false, null, true)]
    [InlineData("gpt2", true, 72, true)]
    [InlineData("gpt2-nanogpt", true, null, true)]
    [InlineData("gpt2-nanogpt", true, null, false)]
    [InlineData("gpt2-nanogpt", false, 72, false)]
    public void The_table_gives_exactly_the_models_parameters(string table, bool tied, int? inner, bool bias)
    {
        var config = new GptConfig
        {
            VocabSize = 97,
            BlockSize = 32,
            EmbeddingSize = 32,
            LayerCount = 2,
            HeadCount = 4,
            InnerSize = inner,
            TieWordEmbeddings = tied,
            Bias = bias,
        };
        using var model = Empty(config);
        var parameters = model.named_parameters().ToDictionary(p => p.name, p => (IReadOnlyList<long>)p.parameter.shape);
        var values = ModelConfigValues.From(JsonDocument.Parse(config.ToJson().ToJsonString()).RootElement);

        Assert.Empty(MappingCatalog.BuiltIn.Find(table)!.CheckTargets(values, parameters));
        Assert.Equal(config.ParameterCount, parameters.Values.Sum(shape => shape.Aggregate(1L, (product, size) => product * size)));
    }

    [Theory]
    [InlineData(new long[] { 1, 65 })]
    [InlineData(new long[] { 1, 0 })]
    [InlineData(new long[] { 5 })]
    public void Ids_of_another_shape_are_refused(long[] shape)
    {
        using var scope = NewDisposeScope();
        using var model = GptModel.FromPretrained(Repository.Fixture("tiny-gpt2"), new() { Device = CPU });
        Assert.Throws<ArgumentException>(() => model.call(zeros(shape, int64)));
    }

    [Fact]
    public void A_configuration_that_does_not_hold_together_builds_no_model() =>
        Assert.Throws<ModelConfigException>(() => Empty(new GptConfig { HeadCount = 7 }));

    [Fact]
    public void A_position_sees_itself_and_what_was_before_it()
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var model = GptModel.FromPretrained(Repository.Fixture("tiny-gpt2"), new() { Device = CPU });
        var ids = arange(0, 12, int64).view(1, 12);
        var changed = ids.clone();
        changed[0, 7] = tensor(200L);

        var before = model.call(ids);
        var after = model.call(changed);

        Assert.True(before.narrow(1, 0, 7).allclose(after.narrow(1, 0, 7), rtol: 0, atol: 1e-6));
        Assert.False(before.narrow(1, 7, 1).allclose(after.narrow(1, 7, 1), rtol: 0, atol: 1e-3));
    }

    [Fact]
    public void Moving_to_another_dtype_keeps_names_and_computes()
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var model = GptModel.FromPretrained(Repository.Fixture("tiny-gpt2"), new() { Device = CPU });
        var ids = arange(0, 12, int64).view(1, 12);
        var names = model.named_parameters().Select(p => p.name).ToList();
        var single = model.call(ids);

        var moved = model.to(float64);

        Assert.Equal(names, model.named_parameters().Select(p => p.name));
        Assert.All(moved.parameters(), parameter => Assert.Equal(float64, parameter.dtype));
        Assert.True(model.call(ids).to(float32).allclose(single, rtol: 0, atol: 1e-4));
    }

    [Fact]
    public void A_model_in_bf16_comes_close_to_one_in_f32()
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var single = GptModel.FromPretrained(Repository.Fixture("tiny-gpt2-prefixed"), new() { Device = CPU });
        using var brain = GptModel.FromPretrained(Repository.Fixture("tiny-gpt2-prefixed"), new() { Device = CPU, DType = bfloat16 });
        var ids = arange(0, 12, int64).view(1, 12);

        Assert.Equal(bfloat16, brain.call(ids).dtype);
        Assert.True(brain.call(ids).to(float32).allclose(single.call(ids), rtol: 0, atol: 0.1));
    }
}
