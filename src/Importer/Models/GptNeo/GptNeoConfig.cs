using Importer.Models.Gpt;

namespace Importer.Models.GptNeo;

/// <summary>
/// The shape and the mathematics of a GPT-Neo model: every field of transformers' <c>GPTNeoConfig</c> that changes a number.
/// The defaults are those of transformers, which are GPT-Neo 1.3B's.
/// </summary>
public sealed partial record GptNeoConfig : ModelConfig
{
    /// <inheritdoc/>
    public override string ModelType => "gpt_neo";

    /// <summary>Rows of the token embedding, <c>vocab_size</c>. Default 50257.</summary>
    public override int VocabSize { get; init; } = 50257;

    /// <summary>The longest sequence, in tokens: rows of the position embedding, <c>max_position_embeddings</c>. Default 2048.</summary>
    public override int BlockSize { get; init; } = 2048;

    /// <summary>The width of the residual stream, <c>hidden_size</c>. Default 2048.</summary>
    public override int EmbeddingSize { get; init; } = 2048;

    /// <summary>Transformer blocks, <c>num_layers</c>. Default 24.</summary>
    public override int LayerCount { get; init; } = 24;

    /// <summary>Attention heads per block, <c>num_heads</c>; divides <see cref="EmbeddingSize"/>. Default 16.</summary>
    public override int HeadCount { get; init; } = 16;

    /// <summary>The width inside the MLP, <c>intermediate_size</c>; null, the default, is four times <see cref="EmbeddingSize"/>.</summary>
    public int? InnerSize { get; init; }

    /// <summary>How many tokens a token sees in a local layer, itself included, <c>window_size</c>. Default 256.</summary>
    public int WindowSize { get; init; } = 256;

    /// <summary>
    /// Whether each layer is local, which sees a window, or global, which sees all: what <c>attention_types</c> and
    /// <c>attention_layers</c> say. Null, the default: every second layer is local, from the second on.
    /// </summary>
    public IReadOnlyList<bool>? LocalLayers { get; init; }

    /// <summary>The MLP's activation, <c>activation_function</c>. Default <see cref="GptActivation.GeluTanh"/>.</summary>
    public GptActivation Activation { get; init; } = GptActivation.GeluTanh;

    /// <summary>Added to the variance in every layer norm, <c>layer_norm_epsilon</c>. Default 1e-5.</summary>
    public double LayerNormEpsilon { get; init; } = 1e-5;

    /// <summary>Whether the head is the token embedding, <c>tie_word_embeddings</c>. Default true.</summary>
    public override bool TieWordEmbeddings { get; init; } = true;

    /// <summary>Dropout after the embeddings, <c>embed_dropout</c>, in training only. Default 0.</summary>
    public double EmbeddingDropout { get; init; }

    /// <summary>Dropout on attention probabilities, <c>attention_dropout</c>, in training only. Default 0.</summary>
    public double AttentionDropout { get; init; }

    /// <summary>Dropout on what a block adds to the residual stream, <c>resid_dropout</c>, in training only. Default 0.</summary>
    public double ResidualDropout { get; init; }

    /// <summary>The width inside the MLP, resolved: <see cref="InnerSize"/>, or four times <see cref="EmbeddingSize"/>.</summary>
    public int ResolvedInnerSize => InnerSize ?? 4 * EmbeddingSize;

    /// <inheritdoc/>
    public override long ParameterCount
    {
        get
        {
            long d = EmbeddingSize, f = ResolvedInnerSize;
            long block = 4 * d + 4 * d * d + d + 2 * d * f + f + d;
            return VocabSize * d * (TieWordEmbeddings ? 1 : 2) + BlockSize * d + LayerCount * block + 2 * d;
        }
    }

    /// <summary>Whether a layer sees only a window.</summary>
    /// <param name="layer">The layer's number, from 0.</param>
    public bool IsLocal(int layer) => LocalLayers?[layer] ?? layer % 2 == 1;

    /// <inheritdoc/>
    public override void Validate(string? source = null)
    {
        var check = new ConfigCheck(source ?? nameof(GptNeoConfig));
        check.Common(this, "max_position_embeddings", "hidden_size", "num_layers", "num_heads");
        check.Size(ResolvedInnerSize, "intermediate_size", 1 << 24);
        check.Size(WindowSize, "window_size", 1 << 24);
        check.Divides(HeadCount, "num_heads", EmbeddingSize, "hidden_size");
        check.Require(
            LocalLayers is null || LocalLayers.Count == LayerCount, "attention_layers", LocalLayers?.Count,
            FormattableString.Invariant($"entries are not one for each of num_layers, which is {LayerCount}"));
        check.Epsilon(LayerNormEpsilon, "layer_norm_epsilon");
        check.Probability(EmbeddingDropout, "embed_dropout");
        check.Probability(AttentionDropout, "attention_dropout");
        check.Probability(ResidualDropout, "resid_dropout");
    }

    internal override ModelConfig WithOneDropout(double dropout) =>
        this with { EmbeddingDropout = dropout, AttentionDropout = dropout, ResidualDropout = dropout };
}
