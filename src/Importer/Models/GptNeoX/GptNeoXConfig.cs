using Importer.Models.Gpt;

namespace Importer.Models.GptNeoX;

/// <summary>
/// The shape and the mathematics of a GPT-NeoX model, Pythia among them: every field of transformers' <c>GPTNeoXConfig</c>
/// that changes a number. The defaults are those of transformers, which are GPT-NeoX 20B's.
/// </summary>
public sealed partial record GptNeoXConfig : ModelConfig
{
    /// <inheritdoc/>
    public override string ModelType => "gpt_neox";

    /// <summary>Rows of the token embedding, <c>vocab_size</c>. Default 50432.</summary>
    public override int VocabSize { get; init; } = 50432;

    /// <summary>The longest sequence, in tokens, <c>max_position_embeddings</c>. Default 2048.</summary>
    public override int BlockSize { get; init; } = 2048;

    /// <summary>The width of the residual stream, <c>hidden_size</c>. Default 6144.</summary>
    public override int EmbeddingSize { get; init; } = 6144;

    /// <summary>Transformer blocks, <c>num_hidden_layers</c>. Default 44.</summary>
    public override int LayerCount { get; init; } = 44;

    /// <summary>Attention heads per block, <c>num_attention_heads</c>; divides <see cref="EmbeddingSize"/>. Default 64.</summary>
    public override int HeadCount { get; init; } = 64;

    /// <summary>The width inside the MLP, <c>intermediate_size</c>. Default 24576.</summary>
    public int InnerSize { get; init; } = 24576;

    /// <summary>The MLP's activation, <c>hidden_act</c>. Default <see cref="GptActivation.Gelu"/>.</summary>
    public GptActivation Activation { get; init; } = GptActivation.Gelu;

    /// <summary>Added to the variance in every layer norm, <c>layer_norm_eps</c>. Default 1e-5.</summary>
    public double LayerNormEpsilon { get; init; } = 1e-5;

    /// <summary>The part of each head that is rotated, <c>rotary_pct</c>, above 0 and at most 1. Default 0.25.</summary>
    public double RotaryPart { get; init; } = 0.25;

    /// <summary>The base of the rotary wavelengths, <c>rotary_emb_base</c>. Default 10000.</summary>
    public double RopeTheta { get; init; } = 10_000;

    /// <summary>How the rotary embedding was stretched, <c>rope_scaling</c>. Null, the default: it was not.</summary>
    public RopeScaling? RopeScaling { get; init; }

    /// <summary>
    /// Whether attention and MLP both see the block's input and their outputs are added to it,
    /// <c>use_parallel_residual</c>, or one comes after the other. Default true.
    /// </summary>
    public bool ParallelResidual { get; init; } = true;

    /// <summary>Whether the attention's matrices have biases, <c>attention_bias</c>. Default true.</summary>
    public bool AttentionBias { get; init; } = true;

    /// <summary>Whether the head is the token embedding, <c>tie_word_embeddings</c>. Default false.</summary>
    public override bool TieWordEmbeddings { get; init; }

    /// <summary>Dropout on attention probabilities, <c>attention_dropout</c>, in training only. Default 0.</summary>
    public double AttentionDropout { get; init; }

    /// <summary>Dropout after the embeddings and on what a block adds to the residual stream, <c>hidden_dropout</c>, in training only. Default 0.</summary>
    public double HiddenDropout { get; init; }

    /// <summary>How many elements of each head are rotated, from its first on.</summary>
    public int RotarySize => (int)(HeadSize * RotaryPart);

    /// <inheritdoc/>
    public override long ParameterCount
    {
        get
        {
            long d = EmbeddingSize, f = InnerSize;
            long block = 4 * d + 4 * d * d + (AttentionBias ? 4 * d : 0) + 2 * d * f + f + d;
            return VocabSize * d * (TieWordEmbeddings ? 1 : 2) + LayerCount * block + 2 * d;
        }
    }

    /// <inheritdoc/>
    public override void Validate(string? source = null)
    {
        var check = new ConfigCheck(source ?? nameof(GptNeoXConfig));
        check.Common(this, "max_position_embeddings", "hidden_size", "num_hidden_layers", "num_attention_heads");
        check.Size(InnerSize, "intermediate_size", 1 << 24);
        check.Divides(HeadCount, "num_attention_heads", EmbeddingSize, "hidden_size");
        check.Require(RotaryPart is > 0 and <= 1, "rotary_pct", RotaryPart, "is not above 0 and at most 1");
        check.Require(
            RotarySize > 0 && RotarySize % 2 == 0, "rotary_pct", RotaryPart,
            FormattableString.Invariant($"makes {RotarySize} elements of a head, and they are rotated in pairs"));
        check.Require(RopeTheta is > 0 and < float.MaxValue, "rotary_emb_base", RopeTheta, "is not above zero and within f32");
        check.Epsilon(LayerNormEpsilon, "layer_norm_eps");
        check.Probability(AttentionDropout, "attention_dropout");
        check.Probability(HiddenDropout, "hidden_dropout");
    }

    internal override ModelConfig WithOneDropout(double dropout) => this with { AttentionDropout = dropout, HiddenDropout = dropout };
}
