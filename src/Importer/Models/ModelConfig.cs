using System.Text.Json.Nodes;

namespace Importer.Models;

/// <summary>
/// The shape and the mathematics of a causal language model, as its config.json states them. What all families share is
/// here under one name; the families' own records have the rest.
/// </summary>
public abstract record ModelConfig
{
    private protected ModelConfig()
    {
    }

    /// <summary>The family and dialect, config.json's <c>model_type</c>, such as <c>gpt2</c> or <c>qwen2</c>.</summary>
    public abstract string ModelType { get; }

    /// <summary>Rows of the token embedding; the size of the logits.</summary>
    public abstract int VocabSize { get; init; }

    /// <summary>The longest sequence, in tokens: the context.</summary>
    public abstract int BlockSize { get; init; }

    /// <summary>The width of the residual stream.</summary>
    public abstract int EmbeddingSize { get; init; }

    /// <summary>Transformer blocks.</summary>
    public abstract int LayerCount { get; init; }

    /// <summary>Attention heads per block.</summary>
    public abstract int HeadCount { get; init; }

    /// <summary>Heads of keys and values per block; fewer than <see cref="HeadCount"/> where several query heads share one.</summary>
    public virtual int KeyValueHeadCount => HeadCount;

    /// <summary>The width of one head.</summary>
    public virtual int HeadSize => EmbeddingSize / HeadCount;

    /// <summary>Whether the head is the token embedding.</summary>
    public abstract bool TieWordEmbeddings { get; init; }

    /// <summary>The number of parameters, a tied head counted once.</summary>
    public abstract long ParameterCount { get; }

    /// <summary>Checks that the values fit together.</summary>
    /// <param name="source">What to call the configuration's origin in a message; null for the record's name.</param>
    /// <exception cref="ModelConfigException">They do not; the message names the field.</exception>
    public abstract void Validate(string? source = null);

    /// <summary>The fields as config.json spells them.</summary>
    public abstract JsonObject ToJson();

    /// <summary>The same configuration with one dropout for embeddings, attention and residuals.</summary>
    internal abstract ModelConfig WithOneDropout(double dropout);
}
