namespace Importer.Models.Llama;

/// <summary>
/// The shape and the mathematics of a Llama-like model: every field of transformers' <c>LlamaConfig</c>, <c>MistralConfig</c>,
/// <c>Qwen2Config</c> and <c>Qwen3Config</c>, and of minimind's own, that changes a number. The defaults are those of
/// transformers' <c>LlamaConfig</c>, which is Llama 7B.
/// </summary>
public sealed partial record LlamaConfig : ModelConfig
{
    /// <summary>Which of the models with this mathematics it is. Default <see cref="LlamaDialect.Llama"/>.</summary>
    public LlamaDialect Dialect { get; init; } = LlamaDialect.Llama;

    /// <inheritdoc/>
    public override string ModelType => Dialect switch
    {
        LlamaDialect.Llama => "llama",
        LlamaDialect.Mistral => "mistral",
        LlamaDialect.Qwen2 => "qwen2",
        LlamaDialect.Qwen3 => "qwen3",
        _ => "minimind",
    };

    /// <summary>Rows of the token embedding, <c>vocab_size</c>. Default 32000.</summary>
    public override int VocabSize { get; init; } = 32000;

    /// <summary>The longest sequence, in tokens, <c>max_position_embeddings</c>. Default 2048.</summary>
    public override int BlockSize { get; init; } = 2048;

    /// <summary>The width of the residual stream, <c>hidden_size</c>. Default 4096.</summary>
    public override int EmbeddingSize { get; init; } = 4096;

    /// <summary>Transformer blocks, <c>num_hidden_layers</c>. Default 32.</summary>
    public override int LayerCount { get; init; } = 32;

    /// <summary>Query heads per block, <c>num_attention_heads</c>. Default 32.</summary>
    public override int HeadCount { get; init; } = 32;

    /// <summary>
    /// Heads of keys and values per block, <c>num_key_value_heads</c>; divides <see cref="HeadCount"/>. Null, the default, is one
    /// for each query head.
    /// </summary>
    public int? KeyValueHeads { get; init; }

    /// <summary>The width of one head, <c>head_dim</c>; even. Null, the default, is the width divided by the heads.</summary>
    public int? HeadWidth { get; init; }

    /// <summary>The width inside the MLP, or inside each expert, <c>intermediate_size</c>. Default 11008.</summary>
    public int InnerSize { get; init; } = 11008;

    /// <summary>Added to the mean square in every norm, <c>rms_norm_eps</c>. Default 1e-6.</summary>
    public double NormEpsilon { get; init; } = 1e-6;

    /// <summary>The base of the rotary wavelengths, <c>rope_theta</c>. Default 10000.</summary>
    public double RopeTheta { get; init; } = 10_000;

    /// <summary>How the rotary embedding was stretched, <c>rope_scaling</c>. Null, the default: it was not.</summary>
    public RopeScaling? RopeScaling { get; init; }

    /// <summary>
    /// Whether queries, keys, values and the attention's output have biases, <c>attention_bias</c>; for Llama and Qwen3 only.
    /// Default false. Qwen2 always has the first three and never the fourth.
    /// </summary>
    public bool AttentionBias { get; init; }

    /// <summary>Whether the MLP has biases, <c>mlp_bias</c>; for Llama only. Default false.</summary>
    public bool MlpBias { get; init; }

    /// <summary>
    /// How many tokens a token sees, itself included, <c>sliding_window</c>; for Mistral only. Null, the default: all before it.
    /// </summary>
    public int? SlidingWindow { get; init; }

    /// <summary>Experts per MLP, <c>num_experts</c> with <c>use_moe</c>; for minimind-3 only. Default 0: a plain MLP.</summary>
    public int ExpertCount { get; init; }

    /// <summary>Experts that compute each token, <c>num_experts_per_tok</c>. Default 1.</summary>
    public int ExpertsPerToken { get; init; } = 1;

    /// <summary>Whether the weights of a token's experts are made to sum to 1, <c>norm_topk_prob</c>. Default true.</summary>
    public bool NormalizeExperts { get; init; } = true;

    /// <summary>Whether the head is the token embedding, <c>tie_word_embeddings</c>. Default false.</summary>
    public override bool TieWordEmbeddings { get; init; }

    /// <summary>Dropout after the embeddings, in training only; minimind's <c>dropout</c>. Default 0.</summary>
    public double EmbeddingDropout { get; init; }

    /// <summary>Dropout on attention probabilities, <c>attention_dropout</c>, in training only. Default 0.</summary>
    public double AttentionDropout { get; init; }

    /// <summary>Dropout on what attention adds to the residual stream, in training only; minimind's <c>dropout</c>. Default 0.</summary>
    public double ResidualDropout { get; init; }

    /// <inheritdoc/>
    public override int KeyValueHeadCount => KeyValueHeads ?? HeadCount;

    /// <inheritdoc/>
    public override int HeadSize => HeadWidth ?? EmbeddingSize / HeadCount;

    /// <summary>Whether queries, keys and values have biases.</summary>
    public bool HasQueryKeyValueBias => AttentionBias || Dialect == LlamaDialect.Qwen2;

    /// <summary>Whether each query and key head is normalised before it is rotated.</summary>
    public bool HasQueryKeyNorm => Dialect is LlamaDialect.Qwen3 or LlamaDialect.MiniMind3;

    /// <inheritdoc/>
    public override long ParameterCount
    {
        get
        {
            long d = EmbeddingSize, f = InnerSize, q = (long)HeadCount * HeadSize, k = (long)KeyValueHeadCount * HeadSize;
            long attention = 2 * d * q + 2 * d * k + (HasQueryKeyValueBias ? q + 2 * k : 0) + (AttentionBias ? d : 0) + (HasQueryKeyNorm ? 2L * HeadSize : 0);
            long mlp = 3 * d * f + (MlpBias ? 2 * f + d : 0);
            long experts = ExpertCount == 0 ? mlp : ExpertCount * (mlp + d);
            return VocabSize * d * (TieWordEmbeddings ? 1 : 2) + LayerCount * (attention + experts + 2 * d) + d;
        }
    }

    /// <inheritdoc/>
    public override void Validate(string? source = null)
    {
        var check = new ConfigCheck(source ?? nameof(LlamaConfig));
        check.Common(this, "max_position_embeddings", "hidden_size", "num_hidden_layers", "num_attention_heads");
        check.Size(KeyValueHeadCount, "num_key_value_heads");
        check.Divides(KeyValueHeadCount, "num_key_value_heads", HeadCount, "num_attention_heads");
        if (HeadWidth is null)
        {
            check.Divides(HeadCount, "num_attention_heads", EmbeddingSize, "hidden_size");
        }

        check.Size(HeadSize, "head_dim", 1 << 16);
        check.Require(HeadSize % 2 == 0, "head_dim", HeadSize, "is odd, and its halves are rotated with each other");
        check.Size(InnerSize, "intermediate_size", 1 << 24);
        check.Epsilon(NormEpsilon, "rms_norm_eps");
        check.Require(RopeTheta is > 0 and < float.MaxValue, "rope_theta", RopeTheta, "is not above zero and within f32");
        check.Require(!AttentionBias || Dialect is LlamaDialect.Llama or LlamaDialect.Qwen3, "attention_bias", AttentionBias, $"is not for {ModelType}");
        check.Require(!MlpBias || Dialect == LlamaDialect.Llama, "mlp_bias", MlpBias, $"is not for {ModelType}");
        check.Require(SlidingWindow is null || Dialect == LlamaDialect.Mistral, "sliding_window", SlidingWindow, $"is not for {ModelType}");
        check.Require(ExpertCount == 0 || Dialect == LlamaDialect.MiniMind3, "use_moe", true, $"is not for {ModelType} in this dialect");
        check.Require(ExpertCount is >= 0 and <= 1 << 16, "num_experts", ExpertCount, "is not between 0 and 65536");
        check.Require(
            ExpertCount == 0 || (ExpertsPerToken > 0 && ExpertsPerToken <= ExpertCount), "num_experts_per_tok", ExpertsPerToken,
            FormattableString.Invariant($"is not between 1 and num_experts, which is {ExpertCount}"));
        check.Probability(EmbeddingDropout, "dropout");
        check.Probability(AttentionDropout, "attention_dropout");
        check.Probability(ResidualDropout, "dropout");
    }

    internal override ModelConfig WithOneDropout(double dropout) =>
        this with { EmbeddingDropout = dropout, AttentionDropout = dropout, ResidualDropout = dropout };
}
