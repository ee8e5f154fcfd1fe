using Importer.Models.Gpt;

namespace Importer.Models.Opt;

/// <summary>
/// The shape and the mathematics of an OPT model: every field of transformers' <c>OPTConfig</c> that changes a number a trained
/// model computes. The defaults are those of transformers, which are OPT 125M's.
/// </summary>
/// <remarks>
/// <c>layerdrop</c>, which leaves whole layers out in training only, is not computed: a fine-tuning here keeps all layers, as it
/// does in transformers where <c>layerdrop</c> is 0, the value of every published model.
/// </remarks>
public sealed partial record OptConfig : ModelConfig
{
    // What stands in the position table before the first position: it dates from tables that had a row for padding.
    internal const int PositionOffset = 2;

    // nn.LayerNorm's own; OPT's configuration has no field for it.
    internal const double LayerNormEpsilon = 1e-5;

    /// <inheritdoc/>
    public override string ModelType => "opt";

    /// <summary>Rows of the token embedding, <c>vocab_size</c>. Default 50272.</summary>
    public override int VocabSize { get; init; } = 50272;

    /// <summary>
    /// The longest sequence, in tokens, <c>max_position_embeddings</c>; the position embedding has two rows more. Default 2048.
    /// </summary>
    public override int BlockSize { get; init; } = 2048;

    /// <summary>The width of the residual stream, <c>hidden_size</c>. Default 768.</summary>
    public override int EmbeddingSize { get; init; } = 768;

    /// <summary>Transformer blocks, <c>num_hidden_layers</c>. Default 12.</summary>
    public override int LayerCount { get; init; } = 12;

    /// <summary>Attention heads per block, <c>num_attention_heads</c>; divides <see cref="EmbeddingSize"/>. Default 12.</summary>
    public override int HeadCount { get; init; } = 12;

    /// <summary>The width inside the MLP, <c>ffn_dim</c>. Default 3072.</summary>
    public int InnerSize { get; init; } = 3072;

    /// <summary>
    /// The width of the token embedding and of what the head takes, <c>word_embed_proj_dim</c>; null, the default, is
    /// <see cref="EmbeddingSize"/>. Where the two differ, as in OPT 350M, a projection stands after the embedding and another
    /// before the head.
    /// </summary>
    public int? WordEmbeddingSize { get; init; }

    /// <summary>
    /// Whether a block's norms stand before attention and MLP, <c>do_layer_norm_before</c>, or after the sums; then there is no final
    /// norm. Default true; of the published models only OPT 350M has false.
    /// </summary>
    public bool LayerNormBefore { get; init; } = true;

    /// <summary>Whether the final norm is left out all the same, <c>_remove_final_layer_norm</c>. Default false.</summary>
    public bool RemoveFinalLayerNorm { get; init; }

    /// <summary>The MLP's activation, <c>activation_function</c>. Default <see cref="GptActivation.Relu"/>.</summary>
    public GptActivation Activation { get; init; } = GptActivation.Relu;

    /// <summary>Whether the linear layers of the blocks have biases, <c>enable_bias</c>. Default true.</summary>
    public bool Bias { get; init; } = true;

    /// <summary>Whether layer norms have weights and biases, <c>layer_norm_elementwise_affine</c>. Default true.</summary>
    public bool LayerNormAffine { get; init; } = true;

    /// <summary>Whether the head is the token embedding, <c>tie_word_embeddings</c>. Default true.</summary>
    public override bool TieWordEmbeddings { get; init; } = true;

    /// <summary>Dropout on what a block adds to the residual stream, <c>dropout</c>, in training only. Default 0.1.</summary>
    public double ResidualDropout { get; init; } = 0.1;

    /// <summary>Dropout on attention probabilities, <c>attention_dropout</c>, in training only. Default 0.</summary>
    public double AttentionDropout { get; init; }

    /// <summary>The width of the token embedding, resolved: <see cref="WordEmbeddingSize"/>, or <see cref="EmbeddingSize"/>.</summary>
    public int ResolvedWordEmbeddingSize => WordEmbeddingSize ?? EmbeddingSize;

    /// <summary>Whether there are projections between token embedding and residual stream.</summary>
    public bool HasProjections => ResolvedWordEmbeddingSize != EmbeddingSize;

    /// <summary>Whether there is a norm after the last block.</summary>
    public bool HasFinalLayerNorm => LayerNormBefore && !RemoveFinalLayerNorm;

    /// <inheritdoc/>
    public override long ParameterCount
    {
        get
        {
            long d = EmbeddingSize, e = ResolvedWordEmbeddingSize, f = InnerSize, norm = LayerNormAffine ? 2 * d : 0;
            long block = 4 * d * d + 2 * d * f + (Bias ? 4 * d + f + d : 0) + 2 * norm;
            return VocabSize * e * (TieWordEmbeddings ? 1 : 2) + ((long)BlockSize + PositionOffset) * d + (HasProjections ? 2 * d * e : 0) +
                LayerCount * block + (HasFinalLayerNorm ? norm : 0);
        }
    }

    /// <inheritdoc/>
    public override void Validate(string? source = null)
    {
        var check = new ConfigCheck(source ?? nameof(OptConfig));
        check.Common(this, "max_position_embeddings", "hidden_size", "num_hidden_layers", "num_attention_heads");
        check.Size(InnerSize, "ffn_dim", 1 << 24);
        check.Size(ResolvedWordEmbeddingSize, "word_embed_proj_dim");
        check.Divides(HeadCount, "num_attention_heads", EmbeddingSize, "hidden_size");
        check.Probability(ResidualDropout, "dropout");
        check.Probability(AttentionDropout, "attention_dropout");
    }

    internal override ModelConfig WithOneDropout(double dropout) => this with { ResidualDropout = dropout, AttentionDropout = dropout };
}
