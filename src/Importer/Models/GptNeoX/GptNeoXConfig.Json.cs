using System.Text.Json;
using System.Text.Json.Nodes;
using Importer.Models.Layers;

namespace Importer.Models.GptNeoX;

public sealed partial record GptNeoXConfig
{
    /// <summary>Reads the object of a config.json. A field that changes a number and has an unknown value is an error.</summary>
    /// <param name="json">The object.</param>
    /// <param name="source">What to call its origin in a message.</param>
    /// <exception cref="ModelConfigException">It is of another family, a field is missing, mistyped, or asks for what the model does not do.</exception>
    public static GptNeoXConfig FromJson(JsonElement json, string source = "config.json") => FromJson(json, source, fallbackType: null);

    internal static GptNeoXConfig FromJson(JsonElement json, string source, string? fallbackType)
    {
        var reader = new ConfigJson(json, source);
        ModelFamily.Require(reader, nameof(GptNeoXModel), ["gpt_neox"], fallbackType);
        var (theta, part, scaling) = RopeJson.Read(reader, nameof(GptNeoXModel));
        var config = new GptNeoXConfig
        {
            VocabSize = reader.Count("vocab_size"),
            BlockSize = reader.Count("max_position_embeddings"),
            EmbeddingSize = reader.Count("hidden_size"),
            LayerCount = reader.Count("num_hidden_layers"),
            HeadCount = reader.Count("num_attention_heads"),
            InnerSize = reader.Count("intermediate_size"),
            Activation = Activations.Parse(reader, "hidden_act", reader.Text("hidden_act") ?? "gelu"),
            LayerNormEpsilon = reader.Number("layer_norm_eps") ?? 1e-5,
            RotaryPart = Agreed(reader, "rotary_pct", part, "partial_rotary_factor") ?? 0.25,
            RopeTheta = Agreed(reader, "rotary_emb_base", theta, "rope_theta") ?? 10_000,
            RopeScaling = scaling,
            ParallelResidual = reader.Flag("use_parallel_residual") ?? true,
            AttentionBias = reader.Flag("attention_bias") ?? true,
            TieWordEmbeddings = reader.Flag("tie_word_embeddings") ?? false,
            AttentionDropout = reader.Number("attention_dropout") ?? 0,
            HiddenDropout = reader.Number("hidden_dropout") ?? 0,
        };
        config.Validate(source);
        return config;
    }

    /// <inheritdoc/>
    public override JsonObject ToJson() => new()
    {
        ["model_type"] = ModelType,
        ["architectures"] = new JsonArray("GPTNeoXForCausalLM"),
        ["vocab_size"] = VocabSize,
        ["max_position_embeddings"] = BlockSize,
        ["hidden_size"] = EmbeddingSize,
        ["num_hidden_layers"] = LayerCount,
        ["num_attention_heads"] = HeadCount,
        ["intermediate_size"] = InnerSize,
        ["hidden_act"] = Activations.Spelling(Activation),
        ["layer_norm_eps"] = LayerNormEpsilon,
        ["rotary_pct"] = RotaryPart,
        ["rotary_emb_base"] = RopeTheta,
        ["rope_scaling"] = RopeScaling?.ToJson(),
        ["use_parallel_residual"] = ParallelResidual,
        ["attention_bias"] = AttentionBias,
        ["tie_word_embeddings"] = TieWordEmbeddings,
        ["attention_dropout"] = AttentionDropout,
        ["hidden_dropout"] = HiddenDropout,
    };

    /// <summary>A number that newer versions of transformers write under a second name too.</summary>
    private static double? Agreed(ConfigJson reader, string name, double? other, string otherName)
    {
        double? own = reader.Number(name);
        return own is null || other is null || own == other
            ? own ?? other
            : throw reader.Error(
                name, FormattableString.Invariant($"{name} is {own} and {otherName} {other}, and they mean the same"),
                "Take the config.json that belongs to these weights.");
    }
}
