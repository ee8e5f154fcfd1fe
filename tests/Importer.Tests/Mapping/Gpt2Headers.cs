using Importer.Mapping;
using Importer.Sources;
using SafeTensorSharp;

namespace Importer.Tests.Mapping;

/// <summary>
/// The headers of GPT-2 checkpoints, made from what is known of the published ones: names, shapes, element types, masks, heads.
/// </summary>
internal sealed record Gpt2Headers
{
    public int Layers { get; init; } = 12;

    public int Width { get; init; } = 768;

    public int? Inner { get; init; }

    public int Vocabulary { get; init; } = 50257;

    public int Positions { get; init; } = 1024;

    public string Prefix { get; init; } = "";

    public string Wrapper { get; init; } = "";

    public DType DType { get; init; } = DType.F32;

    public DType? Masks { get; init; } = DType.F32;

    public bool MaskedBias { get; init; }

    public bool Head { get; init; }

    public bool? TieWordEmbeddings { get; init; }

    public string? ModelType { get; init; } = "gpt2";

    public static Gpt2Headers Gpt2 { get; } = new();

    public static Gpt2Headers Medium { get; } = new() { Layers = 24, Width = 1024 };

    public static Gpt2Headers Large { get; } = new() { Layers = 36, Width = 1280 };

    public static Gpt2Headers Xl { get; } = new() { Layers = 48, Width = 1600 };

    public static Gpt2Headers Distil { get; } = new() { Layers = 6, Prefix = "transformer." };

    /// <summary>DialoGPT-medium: half precision with masks alike, the head stored beside the embedding.</summary>
    public static Gpt2Headers Dialo { get; } = Medium with { Prefix = "transformer.", DType = DType.F16, Masks = DType.F16, Head = true };

    public static Gpt2Headers Tiny { get; } = new() { Layers = 3, Width = 48, Vocabulary = 211, Positions = 64 };

    public ModelConfigValues Config => ConfigOf(
        $$"""
        {
          {{(ModelType is null ? "" : $"\"model_type\": \"{ModelType}\",")}}
          "n_layer": {{Layers}}, "n_embd": {{Width}}, "n_head": 4, "n_inner": {{Inner?.ToString() ?? "null"}},
          {{(TieWordEmbeddings is { } tied ? $"\"tie_word_embeddings\": {(tied ? "true" : "false")}," : "")}}
          "vocab_size": {{Vocabulary}}, "n_positions": {{Positions}}, "n_ctx": {{Positions}}
        }
        """);

    public List<SourceTensor> Tensors
    {
        get
        {
            List<SourceTensor> tensors = [];
            long offset = 14_291;
            int inner = Inner ?? 4 * Width;
            if (Head)
            {
                Absolute("lm_head.weight", DType, Vocabulary, Width);
            }

            Add("wte.weight", Vocabulary, Width);
            Add("wpe.weight", Positions, Width);
            for (int i = 0; i < Layers; i++)
            {
                Add($"h.{i}.ln_1.weight", Width);
                Add($"h.{i}.ln_1.bias", Width);
                if (Masks is { } mask)
                {
                    Absolute($"{Prefix}h.{i}.attn.bias", mask, 1, 1, Positions, Positions);
                }

                if (MaskedBias)
                {
                    Absolute($"{Prefix}h.{i}.attn.masked_bias", DType);
                }

                Add($"h.{i}.attn.c_attn.weight", Width, 3 * Width);
                Add($"h.{i}.attn.c_attn.bias", 3 * Width);
                Add($"h.{i}.attn.c_proj.weight", Width, Width);
                Add($"h.{i}.attn.c_proj.bias", Width);
                Add($"h.{i}.ln_2.weight", Width);
                Add($"h.{i}.ln_2.bias", Width);
                Add($"h.{i}.mlp.c_fc.weight", Width, inner);
                Add($"h.{i}.mlp.c_fc.bias", inner);
                Add($"h.{i}.mlp.c_proj.weight", inner, Width);
                Add($"h.{i}.mlp.c_proj.bias", Width);
            }

            Add("ln_f.weight", Width);
            Add("ln_f.bias", Width);
            return tensors;

            void Add(string name, params long[] shape) => Absolute(Prefix + name, DType, shape);

            void Absolute(string name, DType dtype, params long[] shape)
            {
                long bytes = DTypes.ByteCount(dtype, shape.Aggregate(1L, (product, size) => product * size));
                tensors.Add(new SourceTensor(Wrapper + name, dtype, shape, "model.safetensors", offset, bytes));
                offset += bytes;
            }
        }
    }

    public LoadPlan Plan(PlanOptions? options = null) => MappingCatalog.BuiltIn.Find(Config, Tensors).Compile(Config, Tensors, options);

    public static ModelConfigValues ConfigOf(string json) =>
        ModelConfigValues.From(System.Text.Json.JsonDocument.Parse(json).RootElement);
}
