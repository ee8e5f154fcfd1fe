using System.Text.Json;
using System.Text.Json.Nodes;
using Importer.Models.Layers;

namespace Importer.Models.Gpt;

public sealed partial record GptConfig
{
    /// <summary>
    /// Reads the object of a config.json, or nanoGPT's <c>model_args</c>, which are told by <c>block_size</c> where <c>model_type</c>
    /// is missing. A field that changes a number and has an unknown value is an error.
    /// </summary>
    /// <param name="json">The object.</param>
    /// <param name="source">What to call its origin in a message.</param>
    /// <exception cref="ModelConfigException">It is of another family, a field is missing, mistyped, or asks for what the model does not do.</exception>
    public static GptConfig FromJson(JsonElement json, string source = "config.json")
    {
        var reader = new ConfigJson(json, source);
        if (!reader.Has("model_type") && reader.Has("block_size"))
        {
            return FromNanoGpt(reader, source);
        }

        ModelFamily.Require(reader, nameof(GptModel), ["gpt2"], fallback: "gpt2");
        var config = new GptConfig
        {
            VocabSize = reader.Count("vocab_size"),
            BlockSize = reader.Count("n_positions", "n_ctx"),
            EmbeddingSize = reader.Count("n_embd"),
            LayerCount = reader.Count("n_layer"),
            HeadCount = reader.Count("n_head"),
            InnerSize = reader.OptionalCount("n_inner"),
            Activation = Activations.Parse(reader, "activation_function", reader.Text("activation_function") ?? "gelu_new"),
            LayerNormEpsilon = reader.Number("layer_norm_epsilon") ?? 1e-5,
            Bias = reader.Flag("bias") ?? true,
            ScaleAttention = reader.Flag("scale_attn_weights") ?? true,
            ScaleAttentionByInverseLayer = reader.Flag("scale_attn_by_inverse_layer_idx") ?? false,
            ReorderAndUpcastAttention = reader.Flag("reorder_and_upcast_attn") ?? false,
            TieWordEmbeddings = reader.Flag("tie_word_embeddings") ?? true,
            EmbeddingDropout = reader.Number("embd_pdrop") ?? 0.1,
            AttentionDropout = reader.Number("attn_pdrop") ?? 0.1,
            ResidualDropout = reader.Number("resid_pdrop") ?? 0.1,
        };
        config.Validate(source);
        return config;
    }

    /// <inheritdoc/>
    public override JsonObject ToJson()
    {
        var json = ToTransformersJson();
        if (!Bias)
        {
            // transformers has no such field and no such model; it would say which tensors it misses.
            json["bias"] = false;
        }

        return json;
    }

    /// <summary>
    /// nanoGPT's GPTConfig: an exact GELU, layer norms with 1e-5, a tied head, one dropout, and biases as configured (its model.py's
    /// default is true, and checkpoints always say).
    /// </summary>
    private static GptConfig FromNanoGpt(ConfigJson reader, string source)
    {
        var config = new GptConfig
        {
            VocabSize = reader.Count("vocab_size"),
            BlockSize = reader.Count("block_size"),
            EmbeddingSize = reader.Count("n_embd"),
            LayerCount = reader.Count("n_layer"),
            HeadCount = reader.Count("n_head"),
            Bias = reader.Flag("bias") ?? true,
            Activation = GptActivation.Gelu,
            TieWordEmbeddings = reader.Flag("tie_word_embeddings") ?? true, // no field of nanoGPT's; of those who untied its head
        }.WithDropout(reader.Number("dropout") ?? 0);
        config.Validate(source);
        return config;
    }

    private JsonObject ToTransformersJson() => new()
    {
        ["model_type"] = "gpt2",
        ["architectures"] = new JsonArray("GPT2LMHeadModel"),
        ["vocab_size"] = VocabSize,
        ["n_positions"] = BlockSize,
        ["n_embd"] = EmbeddingSize,
        ["n_layer"] = LayerCount,
        ["n_head"] = HeadCount,
        ["n_inner"] = InnerSize,
        ["activation_function"] = Activations.Spelling(Activation),
        ["layer_norm_epsilon"] = LayerNormEpsilon,
        ["scale_attn_weights"] = ScaleAttention,
        ["scale_attn_by_inverse_layer_idx"] = ScaleAttentionByInverseLayer,
        ["reorder_and_upcast_attn"] = ReorderAndUpcastAttention,
        ["tie_word_embeddings"] = TieWordEmbeddings,
        ["embd_pdrop"] = EmbeddingDropout,
        ["attn_pdrop"] = AttentionDropout,
        ["resid_pdrop"] = ResidualDropout,
    };
}
