using System.Text.Json;
using Importer.Mapping;
using Importer.Models;
using Importer.Models.GptNeo;
using Importer.Models.GptNeoX;
using Importer.Models.Layers;
using Importer.Models.Llama;
using Importer.Models.Opt;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Importer.Tests.Models;

/// <summary>Every table against the model that it is for: the same parameters, the same shapes, for every setting that changes them.</summary>
public sealed class FamilyTableTests
{
    private static readonly LlamaConfig Llama = new()
    {
        VocabSize = 97,
        BlockSize = 32,
        EmbeddingSize = 24,
        LayerCount = 2,
        HeadCount = 4,
        KeyValueHeads = 2,
        HeadWidth = 8,
        InnerSize = 40,
    };

    private static readonly GptNeoConfig Neo = new() { VocabSize = 97, BlockSize = 32, EmbeddingSize = 24, LayerCount = 3, HeadCount = 4 };

    private static readonly GptNeoXConfig NeoX = new()
    {
        VocabSize = 97,
        BlockSize = 32,
        EmbeddingSize = 32,
        LayerCount = 2,
        HeadCount = 4,
        InnerSize = 40,
    };

    private static readonly OptConfig Opt = new() { VocabSize = 97, BlockSize = 32, EmbeddingSize = 24, LayerCount = 2, HeadCount = 4, InnerSize = 40 };

    private static readonly (string Table, ModelConfig Config)[] All =
    [
        ("llama", Llama),
        ("llama", Llama with { HeadWidth = null, KeyValueHeads = null, TieWordEmbeddings = true }),
        ("llama", Llama with { AttentionBias = true, MlpBias = true }),
        ("llama", Llama with { Dialect = LlamaDialect.Mistral, SlidingWindow = 5 }),
        ("qwen2", Llama with { Dialect = LlamaDialect.Qwen2 }),
        ("qwen2", Llama with { Dialect = LlamaDialect.Qwen2, TieWordEmbeddings = true }),
        ("qwen3", Llama with { Dialect = LlamaDialect.Qwen3 }),
        ("qwen3", Llama with { Dialect = LlamaDialect.Qwen3, AttentionBias = true, TieWordEmbeddings = true }),
        ("minimind", Llama with { Dialect = LlamaDialect.MiniMind2, HeadWidth = null, TieWordEmbeddings = true }),
        ("minimind", Llama with { Dialect = LlamaDialect.MiniMind3, TieWordEmbeddings = true }),
        ("minimind", Llama with { Dialect = LlamaDialect.MiniMind3, ExpertCount = 3 }),
        ("gpt-neo", Neo),
        ("gpt-neo", Neo with { TieWordEmbeddings = false, InnerSize = 40 }),
        ("gpt-neox", NeoX),
        ("gpt-neox", NeoX with { TieWordEmbeddings = true, AttentionBias = false }),
        ("opt", Opt),
        ("opt", Opt with { TieWordEmbeddings = false, WordEmbeddingSize = 16, Bias = false }),
        ("opt", Opt with { LayerNormBefore = false, WordEmbeddingSize = 24, LayerNormAffine = false }),
        ("opt", Opt with { RemoveFinalLayerNorm = true, WordEmbeddingSize = 36 }),
    ];

    public static TheoryData<int> Indices => [.. Enumerable.Range(0, All.Length)];

    [Theory]
    [MemberData(nameof(Indices))]
    public void The_table_gives_exactly_the_models_parameters(int index)
    {
        var (table, config) = All[index];
        using var model = ModelFamily.Find(config.ModelType)!.Build(config, new ParameterScope((_, shape) => new Parameter(zeros(shape))));
        var parameters = model.named_parameters().ToDictionary(p => p.name, p => (IReadOnlyList<long>)p.parameter.shape);
        var values = ModelConfigValues.From(JsonDocument.Parse(config.ToJson().ToJsonString()).RootElement);
        var mapping = MappingCatalog.BuiltIn.Find(table)!;

        Assert.Empty(mapping.CheckTargets(values, parameters));
        Assert.Empty(mapping.ForImported().CheckTargets(values, parameters));
        Assert.Contains(config.ModelType, mapping.ModelTypes);
        Assert.Equal(config.ParameterCount, parameters.Values.Sum(shape => shape.Aggregate(1L, (product, size) => product * size)));
    }

    [Fact]
    public void Every_table_is_for_a_family_that_there_is_a_model_for() => Assert.All(
        MappingCatalog.BuiltIn.Mappings.SelectMany(mapping => mapping.ModelTypes), type => Assert.NotNull(ModelFamily.Find(type)));
}
