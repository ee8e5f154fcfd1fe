using System.Text.Json;
using System.Text.Json.Nodes;
using Importer.Models.Layers;

namespace Importer.Models.Opt;

public sealed partial record OptConfig
{
    /// <summary>Reads the object of a config.json. A field that changes a number and has an unknown value is an error.</summary>
    /// <param name="json">The object.</param>
    /// <param name="source">What to call its origin in a message.</param>
    /// <exception cref="ModelConfigException">It is of another family, a field is missing, mistyped, or asks for what the model does not do.</exception>
    public static OptConfig FromJson(JsonElement json, string source = "config.json") => FromJson(json, source, fallbackType: null);

    internal static OptConfig FromJson(JsonElement json, string source, string? fallbackType)
    {
        var reader = new ConfigJson(json, source);
        ModelFamily.Require(reader, nameof(OptModel), ["opt"], fallbackType);
        var config = new OptConfig
        {
            VocabSize = reader.Count("vocab_size"),
            BlockSize = reader.Count("max_position_embeddings"),
            EmbeddingSize = reader.Count("hidden_size"),
            LayerCount = reader.Count("num_hidden_layers"),
            HeadCount = reader.Count("num_attention_heads"),
            InnerSize = reader.Count("ffn_dim"),
            WordEmbeddingSize = reader.OptionalCount("word_embed_proj_dim"),
            LayerNormBefore = reader.Flag("do_layer_norm_before") ?? true,
            RemoveFinalLayerNorm = reader.Flag("_remove_final_layer_norm") ?? false,
            Activation = Activations.Parse(reader, "activation_function", reader.Text("activation_function") ?? "relu"),
            Bias = reader.Flag("enable_bias") ?? true,
            LayerNormAffine = reader.Flag("layer_norm_elementwise_affine") ?? true,
            TieWordEmbeddings = reader.Flag("tie_word_embeddings") ?? true,
            ResidualDropout = reader.Number("dropout") ?? 0.1,
            AttentionDropout = reader.Number("attention_dropout") ?? 0,
        };
        config.Validate(source);
        return config;
    }

    /// <inheritdoc/>
    public override JsonObject ToJson() => new()
    {
        ["model_type"] = ModelType,
        ["architectures"] = new JsonArray("OPTForCausalLM"),
        ["vocab_size"] = VocabSize,
        ["max_position_embeddings"] = BlockSize,
        ["hidden_size"] = EmbeddingSize,
        ["num_hidden_layers"] = LayerCount,
        ["num_attention_heads"] = HeadCount,
        ["ffn_dim"] = InnerSize,
        ["word_embed_proj_dim"] = ResolvedWordEmbeddingSize,
        ["do_layer_norm_before"] = LayerNormBefore,
        ["_remove_final_layer_norm"] = RemoveFinalLayerNorm,
        ["activation_function"] = Activations.Spelling(Activation),
        ["enable_bias"] = Bias,
        ["layer_norm_elementwise_affine"] = LayerNormAffine,
        ["tie_word_embeddings"] = TieWordEmbeddings,
        ["dropout"] = ResidualDropout,
        ["attention_dropout"] = AttentionDropout,
    };
}
