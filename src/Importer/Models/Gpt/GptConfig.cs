namespace Importer.Models.Gpt;

/// <summary>
/// The shape and the mathematics of a GPT-2 model: every field of transformers' <c>GPT2Config</c> that changes a number.
/// The defaults are those of <c>gpt2</c> (124M).
/// </summary>
public sealed partial record GptConfig : ModelConfig
{
    /// <inheritdoc/>
    public override string ModelType => "gpt2";

    /// <summary>Rows of the token embedding, <c>vocab_size</c>. Default 50257.</summary>
    public override int VocabSize { get; init; } = 50257;

    /// <summary>The longest sequence, in tokens: rows of the position embedding, <c>n_positions</c>. Default 1024.</summary>
    public override int BlockSize { get; init; } = 1024;

    /// <summary>The width of the residual stream, <c>n_embd</c>. Default 768.</summary>
    public override int EmbeddingSize { get; init; } = 768;

    /// <summary>Transformer blocks, <c>n_layer</c>. Default 12.</summary>
    public override int LayerCount { get; init; } = 12;

    /// <summary>Attention heads per block, <c>n_head</c>; divides <see cref="EmbeddingSize"/>. Default 12.</summary>
    public override int HeadCount { get; init; } = 12;

    /// <summary>The width inside the MLP, <c>n_inner</c>; null, the default, is four times <see cref="EmbeddingSize"/>.</summary>
    public int? InnerSize { get; init; }

    /// <summary>The MLP's activation, <c>activation_function</c>. Default <see cref="GptActivation.GeluTanh"/>.</summary>
    public GptActivation Activation { get; init; } = GptActivation.GeluTanh;

    /// <summary>Added to the variance in every layer norm, <c>layer_norm_epsilon</c>. Default 1e-5.</summary>
    public double LayerNormEpsilon { get; init; } = 1e-5;

    /// <summary>
    /// Whether linear layers and layer norms have biases. Default true, as all of transformers' GPT-2s have; nanoGPT's
    /// <c>bias</c>, which it sets to false for what it trains from scratch.
    /// </summary>
    public bool Bias { get; init; } = true;

    /// <summary>Whether attention scores are divided by √(head size), <c>scale_attn_weights</c>. Default true.</summary>
    public bool ScaleAttention { get; init; } = true;

    /// <summary>
    /// Whether the scores of block i are also divided by i + 1, <c>scale_attn_by_inverse_layer_idx</c>. Default false.
    /// </summary>
    public bool ScaleAttentionByInverseLayer { get; init; }

    /// <summary>
    /// Whether attention scores are computed in f32 whatever the model's dtype, <c>reorder_and_upcast_attn</c>. Default false.
    /// </summary>
    public bool ReorderAndUpcastAttention { get; init; }

    /// <summary>Whether the head is the token embedding, <c>tie_word_embeddings</c>. Default true.</summary>
    public override bool TieWordEmbeddings { get; init; } = true;

    /// <summary>Dropout after the embeddings, <c>embd_pdrop</c>, in training only. Default 0.1.</summary>
    public double EmbeddingDropout { get; init; } = 0.1;

    /// <summary>Dropout on attention probabilities, <c>attn_pdrop</c>, in training only. Default 0.1.</summary>
    public double AttentionDropout { get; init; } = 0.1;

    /// <summary>Dropout on what a block adds to the residual stream, <c>resid_pdrop</c>, in training only. Default 0.1.</summary>
    public double ResidualDropout { get; init; } = 0.1;

    /// <summary>The width inside the MLP, resolved: <see cref="InnerSize"/>, or four times <see cref="EmbeddingSize"/>.</summary>
    public int ResolvedInnerSize => InnerSize ?? 4 * EmbeddingSize;

    /// <inheritdoc/>
    public override long ParameterCount
    {
        get
        {
            long d = EmbeddingSize, f = ResolvedInnerSize;
            long block = 2 * d + d * 3 * d + d * d + d * f + f * d + (Bias ? 2 * d + 3 * d + d + f + d : 0);
            long head = TieWordEmbeddings ? 0 : VocabSize * d;
            return VocabSize * d + BlockSize * d + LayerCount * block + (Bias ? 2 * d : d) + head;
        }
    }

    /// <summary>The four published sizes by name: gpt2, gpt2-medium, gpt2-large, gpt2-xl.</summary>
    /// <param name="name">The model's name, with or without <c>openai-community/</c>.</param>
    /// <returns>The configuration, or null when the name is none of the four.</returns>
    public static GptConfig? ForPublished(string name) => name.Replace("openai-community/", "", StringComparison.Ordinal) switch
    {
        "gpt2" => new GptConfig(),
        "gpt2-medium" => new GptConfig { LayerCount = 24, HeadCount = 16, EmbeddingSize = 1024 },
        "gpt2-large" => new GptConfig { LayerCount = 36, HeadCount = 20, EmbeddingSize = 1280 },
        "gpt2-xl" => new GptConfig { LayerCount = 48, HeadCount = 25, EmbeddingSize = 1600 },
        _ => null,
    };

    /// <summary>The same configuration with one dropout for embeddings, attention and residuals, as nanoGPT has it.</summary>
    /// <param name="dropout">A probability from 0 to 1.</param>
    public GptConfig WithDropout(double dropout) =>
        this with { EmbeddingDropout = dropout, AttentionDropout = dropout, ResidualDropout = dropout };

    /// <inheritdoc/>
    public override void Validate(string? source = null)
    {
        var check = new ConfigCheck(source ?? nameof(GptConfig));
        check.Common(this, "n_positions", "n_embd", "n_layer", "n_head");
        check.Size(ResolvedInnerSize, "n_inner", 1 << 24);
        check.Divides(HeadCount, "n_head", EmbeddingSize, "n_embd");
        check.Epsilon(LayerNormEpsilon, "layer_norm_epsilon");
        check.Probability(EmbeddingDropout, "embd_pdrop");
        check.Probability(AttentionDropout, "attn_pdrop");
        check.Probability(ResidualDropout, "resid_pdrop");
    }

    internal override ModelConfig WithOneDropout(double dropout) => WithDropout(dropout);
}
