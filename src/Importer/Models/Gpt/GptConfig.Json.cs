using System.Text.Json;
using System.Text.Json.Nodes;
using Importer.Sources;

namespace Importer.Models.Gpt;

public sealed partial record GptConfig
{
    // Fields that would change the model in a way it does not compute: any value but these is refused.
    private static readonly (string Field, string Neutral)[] Unsupported =
    [
        ("add_cross_attention", "false"), ("quantization_config", "null"), ("pruned_heads", "{}"), ("is_encoder_decoder", "false"),
    ];

    /// <summary>Reads the object of a config.json. A field that changes a number and has an unknown value is an error.</summary>
    /// <param name="json">The object.</param>
    /// <param name="source">What to call its origin in a message.</param>
    /// <exception cref="ModelConfigException">It is of another family, a field is missing, mistyped, or asks for what the model does not do.</exception>
    public static GptConfig FromJson(JsonElement json, string source = "config.json")
    {
        var reader = new ConfigJson(json, source);
        string family = reader.Text("model_type") ?? "gpt2";
        if (family != "gpt2")
        {
            throw reader.Error("model_type", $"model_type is '{family}', not 'gpt2'", "GptModel computes GPT-2 only.");
        }

        foreach (var (field, neutral) in Unsupported)
        {
            if (JsonFields.Find(json, field) is { } value && value.ValueKind != JsonValueKind.Null && value.GetRawText() != neutral)
            {
                throw reader.Error(field, $"{field} is {ConfigJson.Shorten(value)}, which GptModel does not compute",
                    "Use a checkpoint without it.");
            }
        }

        var config = new GptConfig
        {
            VocabSize = reader.Count("vocab_size"),
            BlockSize = reader.Count("n_positions", "n_ctx"),
            EmbeddingSize = reader.Count("n_embd"),
            LayerCount = reader.Count("n_layer"),
            HeadCount = reader.Count("n_head"),
            InnerSize = reader.OptionalCount("n_inner"),
            Activation = Parse(reader, reader.Text("activation_function") ?? "gelu_new"),
            LayerNormEpsilon = reader.Number("layer_norm_epsilon") ?? 1e-5,
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

    /// <summary>The fields as config.json spells them, for a model written under transformers' names.</summary>
    public JsonObject ToJson() => new()
    {
        ["model_type"] = "gpt2",
        ["architectures"] = new JsonArray("GPT2LMHeadModel"),
        ["vocab_size"] = VocabSize,
        ["n_positions"] = BlockSize,
        ["n_embd"] = EmbeddingSize,
        ["n_layer"] = LayerCount,
        ["n_head"] = HeadCount,
        ["n_inner"] = InnerSize,
        ["activation_function"] = Spelling(Activation),
        ["layer_norm_epsilon"] = LayerNormEpsilon,
        ["scale_attn_weights"] = ScaleAttention,
        ["scale_attn_by_inverse_layer_idx"] = ScaleAttentionByInverseLayer,
        ["reorder_and_upcast_attn"] = ReorderAndUpcastAttention,
        ["tie_word_embeddings"] = TieWordEmbeddings,
        ["embd_pdrop"] = EmbeddingDropout,
        ["attn_pdrop"] = AttentionDropout,
        ["resid_pdrop"] = ResidualDropout,
    };

    private static GptActivation Parse(ConfigJson reader, string name) => name switch
    {
        "gelu_new" or "gelu_pytorch_tanh" => GptActivation.GeluTanh,
        "gelu" => GptActivation.Gelu,
        "relu" => GptActivation.Relu,
        "silu" or "swish" => GptActivation.Silu,
        "tanh" => GptActivation.Tanh,
        _ => throw reader.Error("activation_function", $"activation_function is {ConfigJson.Shorten(name)}, which GptModel does not know",
            "It knows gelu_new, gelu, relu, silu and tanh; another one would compute other numbers, so it is not guessed."),
    };

    private static string Spelling(GptActivation activation) => activation switch
    {
        GptActivation.GeluTanh => "gelu_new",
        GptActivation.Gelu => "gelu",
        GptActivation.Relu => "relu",
        GptActivation.Silu => "silu",
        GptActivation.Tanh => "tanh",
        _ => throw new InvalidOperationException($"No spelling for {activation}."),
    };
}
