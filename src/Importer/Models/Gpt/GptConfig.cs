namespace Importer.Models.Gpt;

/// <summary>
/// The shape and the mathematics of a GPT-2 model: every field of transformers' <c>GPT2Config</c> that changes a number.
/// The defaults are those of <c>gpt2</c> (124M).
/// </summary>
public sealed partial record GptConfig
{
    /// <summary>Rows of the token embedding, <c>vocab_size</c>. Default 50257.</summary>
    public int VocabSize { get; init; } = 50257;

    /// <summary>The longest sequence, in tokens: rows of the position embedding, <c>n_positions</c>. Default 1024.</summary>
    public int BlockSize { get; init; } = 1024;

    /// <summary>The width of the residual stream, <c>n_embd</c>. Default 768.</summary>
    public int EmbeddingSize { get; init; } = 768;

    /// <summary>Transformer blocks, <c>n_layer</c>. Default 12.</summary>
    public int LayerCount { get; init; } = 12;

    /// <summary>Attention heads per block, <c>n_head</c>; divides <see cref="EmbeddingSize"/>. Default 12.</summary>
    public int HeadCount { get; init; } = 12;

    /// <summary>The width inside the MLP, <c>n_inner</c>; null, the default, is four times <see cref="EmbeddingSize"/>.</summary>
    public int? InnerSize { get; init; }

    /// <summary>The MLP's activation, <c>activation_function</c>. Default <see cref="GptActivation.GeluTanh"/>.</summary>
    public GptActivation Activation { get; init; } = GptActivation.GeluTanh;

    /// <summary>Added to the variance in every layer norm, <c>layer_norm_epsilon</c>. Default 1e-5.</summary>
    public double LayerNormEpsilon { get; init; } = 1e-5;

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
    public bool TieWordEmbeddings { get; init; } = true;

    /// <summary>Dropout after the embeddings, <c>embd_pdrop</c>, in training only. Default 0.1.</summary>
    public double EmbeddingDropout { get; init; } = 0.1;

    /// <summary>Dropout on attention probabilities, <c>attn_pdrop</c>, in training only. Default 0.1.</summary>
    public double AttentionDropout { get; init; } = 0.1;

    /// <summary>Dropout on what a block adds to the residual stream, <c>resid_pdrop</c>, in training only. Default 0.1.</summary>
    public double ResidualDropout { get; init; } = 0.1;

    /// <summary>The width of one head.</summary>
    public int HeadSize => EmbeddingSize / HeadCount;

    /// <summary>The width inside the MLP, resolved: <see cref="InnerSize"/>, or four times <see cref="EmbeddingSize"/>.</summary>
    public int ResolvedInnerSize => InnerSize ?? 4 * EmbeddingSize;

    /// <summary>The number of parameters, a tied head counted once.</summary>
    public long ParameterCount
    {
        get
        {
            long d = EmbeddingSize, f = ResolvedInnerSize;
            long block = 4 * d + d * 3 * d + 3 * d + d * d + d + d * f + f + f * d + d;
            long head = TieWordEmbeddings ? 0 : VocabSize * d;
            return VocabSize * d + BlockSize * d + LayerCount * block + 2 * d + head;
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

    /// <summary>Checks that the values fit together.</summary>
    /// <param name="source">What to call the configuration's origin in a message.</param>
    /// <exception cref="ModelConfigException">A size is not positive, the heads don't divide the width, a dropout is no probability.</exception>
    public void Validate(string source = "GptConfig")
    {
        Size(VocabSize, "vocab_size", int.MaxValue);
        Size(BlockSize, "n_positions", 1 << 24);
        Size(EmbeddingSize, "n_embd", 1 << 20);
        Size(LayerCount, "n_layer", 1 << 16);
        Size(HeadCount, "n_head", 1 << 20);
        Size(ResolvedInnerSize, "n_inner", 1 << 24);
        Require(EmbeddingSize % HeadCount == 0, "n_head", HeadCount, $"does not divide n_embd, which is {EmbeddingSize}");
        Require(LayerNormEpsilon is > 0 and < 1, "layer_norm_epsilon", LayerNormEpsilon, "is not between 0 and 1");
        Require(EmbeddingDropout is >= 0 and <= 1, "embd_pdrop", EmbeddingDropout, "is not a probability");
        Require(AttentionDropout is >= 0 and <= 1, "attn_pdrop", AttentionDropout, "is not a probability");
        Require(ResidualDropout is >= 0 and <= 1, "resid_pdrop", ResidualDropout, "is not a probability");

        void Size(int value, string field, int limit) =>
            Require(value > 0 && value <= limit, field, value, FormattableString.Invariant($"is not between 1 and {limit}"));

        void Require(bool holds, string field, object? value, string problem)
        {
            if (!holds)
            {
                throw new ModelConfigException(source, field, FormattableString.Invariant($"{field} = {value} {problem}"),
                    "Correct the configuration, or take the config.json that belongs to these weights.");
            }
        }
    }
}
