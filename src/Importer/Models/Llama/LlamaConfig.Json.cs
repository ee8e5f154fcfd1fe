using System.Text.Json;
using System.Text.Json.Nodes;

namespace Importer.Models.Llama;

public sealed partial record LlamaConfig
{
    // More fields that would change the model in a way it does not compute: any value but these is refused.
    private static readonly (string Field, string Neutral)[] Unsupported =
    [
        ("inference_rope_scaling", "false"), ("use_sliding_window", "false"), ("rope_interleaved", "false"),
    ];

    /// <summary>The values of <c>model_type</c> that it reads.</summary>
    internal static IReadOnlyList<string> ModelTypes { get; } = ["llama", "mistral", "qwen2", "qwen3", "minimind"];

    /// <summary>Reads the object of a config.json. A field that changes a number and has an unknown value is an error.</summary>
    /// <param name="json">The object.</param>
    /// <param name="source">What to call its origin in a message.</param>
    /// <exception cref="ModelConfigException">It is of another family, a field is missing, mistyped, or asks for what the model does not do.</exception>
    public static LlamaConfig FromJson(JsonElement json, string source = "config.json") => FromJson(json, source, fallbackType: null);

    /// <summary>Reads a configuration whose <c>model_type</c>, if it has none, is known from elsewhere.</summary>
    internal static LlamaConfig FromJson(JsonElement json, string source, string? fallbackType)
    {
        var reader = new ConfigJson(json, source);
        string type = ModelFamily.Require(reader, nameof(LlamaModel), ModelTypes, fallbackType);
        reader.Refuse(nameof(LlamaModel), Unsupported);
        var config = type == "minimind" && reader.Has("dim") ? ReadFirstMiniMind(reader) : Read(reader, DialectOf(type, reader), json);
        config.Validate(source);
        return config;
    }

    /// <inheritdoc/>
    public override JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["model_type"] = ModelType,
            ["vocab_size"] = VocabSize,
            ["max_position_embeddings"] = BlockSize,
            ["hidden_size"] = EmbeddingSize,
            ["intermediate_size"] = InnerSize,
            ["num_hidden_layers"] = LayerCount,
            ["num_attention_heads"] = HeadCount,
            ["num_key_value_heads"] = KeyValueHeadCount,
            ["hidden_act"] = "silu",
            ["rms_norm_eps"] = NormEpsilon,
            ["rope_theta"] = RopeTheta,
            ["rope_scaling"] = RopeScaling?.ToJson(),
            ["tie_word_embeddings"] = TieWordEmbeddings,
        };
        if (HeadWidth is not null || HasQueryKeyNorm)
        {
            json["head_dim"] = HeadSize; // also what tells minimind-3 from those before
        }

        if (Architecture(Dialect) is { } architecture)
        {
            json["architectures"] = new JsonArray(architecture);
            json["attention_dropout"] = AttentionDropout;
        }
        else
        {
            json["dropout"] = ResidualDropout;
            json["use_moe"] = ExpertCount > 0;
        }

        if (Dialect is LlamaDialect.Llama or LlamaDialect.Qwen3)
        {
            json["attention_bias"] = AttentionBias;
        }

        if (Dialect == LlamaDialect.Llama)
        {
            json["mlp_bias"] = MlpBias;
        }

        if (Dialect == LlamaDialect.Mistral)
        {
            json["sliding_window"] = SlidingWindow;
        }

        if (ExpertCount > 0)
        {
            json["num_experts"] = ExpertCount;
            json["num_experts_per_tok"] = ExpertsPerToken;
            json["moe_intermediate_size"] = InnerSize;
            json["norm_topk_prob"] = NormalizeExperts;
        }

        return json;
    }

    private static LlamaConfig Read(ConfigJson reader, LlamaDialect dialect, JsonElement json)
    {
        bool miniMind = dialect is LlamaDialect.MiniMind2 or LlamaDialect.MiniMind3, llama = dialect == LlamaDialect.Llama;
        if ((reader.Text("hidden_act") ?? "silu") is var activation and not ("silu" or "swish"))
        {
            throw reader.Error("hidden_act", $"hidden_act is {ConfigJson.Shorten(activation)}, and LlamaModel computes silu",
                "Another activation would give other numbers, so it is not guessed.");
        }

        RequireFullAttention(reader, json);
        bool experts = reader.Flag("use_moe") ?? false;
        if (experts && !reader.Has("num_experts"))
        {
            throw reader.Error("use_moe", "use_moe is true without num_experts: the mixture of experts of minimind2, which LlamaModel does not compute",
                "It computes that of minimind-3.");
        }

        var (theta, part, scaling) = RopeJson.Read(reader, nameof(LlamaModel));
        if (part is not (null or 1))
        {
            throw reader.Error("partial_rotary_factor", $"partial_rotary_factor is {part}, and LlamaModel rotates whole heads", "Use a checkpoint without it.");
        }

        double dropout = miniMind ? reader.Number("dropout") ?? 0 : 0;
        return new LlamaConfig
        {
            Dialect = dialect,
            VocabSize = reader.Count("vocab_size"),
            BlockSize = reader.Count("max_position_embeddings"),
            EmbeddingSize = reader.Count("hidden_size"),
            LayerCount = reader.Count("num_hidden_layers"),
            HeadCount = reader.Count("num_attention_heads"),
            KeyValueHeads = reader.OptionalCount("num_key_value_heads"),
            HeadWidth = reader.OptionalCount("head_dim") ?? (dialect == LlamaDialect.Qwen3 ? 128 : null), // Qwen3Config's default
            InnerSize = experts ? reader.Count("moe_intermediate_size", "intermediate_size") : reader.Count("intermediate_size"),
            NormEpsilon = miniMind ? reader.RequiredNumber("rms_norm_eps") : reader.Number("rms_norm_eps") ?? 1e-6,
            RopeTheta = theta ?? (miniMind ? 1e6 : 10_000),
            RopeScaling = scaling,
            AttentionBias = (llama || dialect == LlamaDialect.Qwen3) && (reader.Flag("attention_bias") ?? false),
            MlpBias = llama && (reader.Flag("mlp_bias") ?? false),
            SlidingWindow = dialect == LlamaDialect.Mistral ? reader.OptionalCount("sliding_window") : null,
            ExpertCount = experts ? reader.Count("num_experts") : 0,
            ExpertsPerToken = experts ? reader.OptionalCount("num_experts_per_tok") ?? 1 : 1,
            NormalizeExperts = !experts || (reader.Flag("norm_topk_prob") ?? true),
            TieWordEmbeddings = reader.Flag("tie_word_embeddings") ?? miniMind,
            EmbeddingDropout = dropout,
            AttentionDropout = miniMind ? dropout : reader.Number("attention_dropout") ?? 0,
            ResidualDropout = dropout,
        };
    }

    /// <summary>The configuration of minimind before April 2025, under Meta's names. What is null there was computed.</summary>
    private static LlamaConfig ReadFirstMiniMind(ConfigJson reader)
    {
        if (reader.Flag("use_moe") ?? false)
        {
            throw reader.Error("use_moe", "use_moe is true: the mixture of experts of minimind2, which LlamaModel does not compute",
                "It computes that of minimind-3.");
        }

        int width = reader.Count("dim");
        double dropout = reader.Number("dropout") ?? 0;
        return new LlamaConfig
        {
            Dialect = LlamaDialect.MiniMind2,
            VocabSize = reader.Count("vocab_size"),
            BlockSize = reader.Count("max_seq_len"),
            EmbeddingSize = width,
            LayerCount = reader.Count("n_layers"),
            HeadCount = reader.Count("n_heads"),
            KeyValueHeads = reader.OptionalCount("n_kv_heads"),
            InnerSize = reader.OptionalCount("hidden_dim") ?? RoundUp(8L * width / 3, reader.Count("multiple_of")),
            NormEpsilon = reader.RequiredNumber("norm_eps"),
            RopeTheta = reader.Number("rope_theta") ?? 10_000, // fixed before it was a field
            TieWordEmbeddings = reader.Flag("tie_word_embeddings") ?? true,
            EmbeddingDropout = dropout,
            AttentionDropout = dropout,
            ResidualDropout = dropout,
        };
    }

    private static int RoundUp(long value, int multiple) => (int)Math.Min((value + multiple - 1) / multiple * multiple, int.MaxValue);

    private static LlamaDialect DialectOf(string type, ConfigJson reader) => type switch
    {
        "llama" => LlamaDialect.Llama,
        "mistral" => LlamaDialect.Mistral,
        "qwen2" => LlamaDialect.Qwen2,
        "qwen3" => LlamaDialect.Qwen3,
        _ => reader.Has("head_dim") ? LlamaDialect.MiniMind3 : LlamaDialect.MiniMind2,
    };

    /// <summary>Qwen's layers may each say how far they see; those that see all say so.</summary>
    private static void RequireFullAttention(ConfigJson reader, JsonElement json)
    {
        if (reader.Has("layer_types") && json.GetProperty("layer_types") is var layers &&
            !(layers.ValueKind == JsonValueKind.Array && layers.EnumerateArray().All(layer => layer.GetRawText() == "\"full_attention\"")))
        {
            throw reader.Error("layer_types", $"layer_types is {ConfigJson.Shorten(layers)}, and LlamaModel computes full_attention in every layer",
                "Use a checkpoint without other kinds.");
        }
    }

    private static string? Architecture(LlamaDialect dialect) => dialect switch
    {
        LlamaDialect.Llama => "LlamaForCausalLM",
        LlamaDialect.Mistral => "MistralForCausalLM",
        LlamaDialect.Qwen2 => "Qwen2ForCausalLM",
        LlamaDialect.Qwen3 => "Qwen3ForCausalLM",
        _ => null, // minimind's own classes are no part of transformers
    };
}
