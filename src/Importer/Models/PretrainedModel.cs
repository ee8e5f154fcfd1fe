using Importer.Models.Layers;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Importer.Models;

/// <summary>
/// A causal language model: token ids in, logits out. What all families have in common, so that generation, evaluation and
/// training need to know of no family.
/// </summary>
/// <remarks>
/// Tensors that a method returns belong to the caller (or to the caller's dispose scope). Parameters are in Linear layout,
/// [out, in]; a tied head has none of its own and is functional, because TorchSharp counts a Parameter that two modules
/// share twice: an optimizer would step it twice.
/// </remarks>
public abstract partial class PretrainedModel : nn.Module<Tensor, Tensor>
{
    private protected PretrainedModel(string name)
        : base(name)
    {
    }

    /// <summary>The model's shape and mathematics.</summary>
    public abstract ModelConfig Config { get; }

    /// <summary>Everything but the head.</summary>
    internal abstract Decoder Decoder { get; }

    /// <summary>What <see cref="Head"/> multiplies by, [vocab_size, width]; the token embedding where the head is tied.</summary>
    internal abstract Parameter HeadWeight { get; }

    /// <summary>The logits of every position.</summary>
    /// <param name="ids">Token ids, I64 [batch, length], length at most <see cref="ModelConfig.BlockSize"/>.</param>
    /// <returns>Logits, [batch, length, vocab_size], in the model's dtype.</returns>
    /// <exception cref="ArgumentException">The shape is not [batch, length], or the length is out of range.</exception>
    public sealed override Tensor forward(Tensor ids) => forward(ids, cache: null);

    /// <summary>The logits of tokens that follow those in a cache.</summary>
    /// <param name="ids">The new tokens, I64 [batch, length]; with those of the cache at most <see cref="ModelConfig.BlockSize"/>.</param>
    /// <param name="cache">The tokens before them; the new ones are added. Null: there are none.</param>
    /// <returns>Logits of the new tokens, [batch, length, vocab_size], in the model's dtype.</returns>
    /// <exception cref="ArgumentException">The shape is not [batch, length], the length is out of range, or the cache is full or another model's.</exception>
    public Tensor forward(Tensor ids, KeyValueCache? cache)
    {
        using var hidden = Hidden(ids, cache);
        return Head(hidden);
    }

    /// <summary>The hidden states after the final norm, which <see cref="Head"/> turns into logits.</summary>
    /// <param name="ids">Token ids, I64 [batch, length].</param>
    /// <param name="cache">The tokens before them; the new ones are added. Null: there are none.</param>
    /// <returns>[batch, length, width]; an OPT with projections has made them as narrow as its token embedding.</returns>
    /// <exception cref="ArgumentException">As for <see cref="forward(Tensor, KeyValueCache?)"/>.</exception>
    public Tensor Hidden(Tensor ids, KeyValueCache? cache = null)
    {
        using var pass = new ForwardPass(ids, Config, cache);
        var hidden = Decoder.call(ids, pass);
        pass.Complete();
        return hidden;
    }

    /// <summary>What every layer makes of the tokens: for inspection and comparison.</summary>
    /// <param name="ids">Token ids, I64 [batch, length].</param>
    /// <returns>
    /// <see cref="ModelConfig.LayerCount"/> + 2 tensors, [batch, length, width]: the embeddings, the output of every block,
    /// and what <see cref="Head"/> takes: the last one's after the final norm, if there is one, as <see cref="Hidden"/> gives it.
    /// </returns>
    /// <exception cref="ArgumentException">The shape is not [batch, length], or the length is out of range.</exception>
    public IReadOnlyList<Tensor> HiddenStates(Tensor ids)
    {
        using var pass = new ForwardPass(ids, Config, cache: null);
        return Decoder.States(ids, pass);
    }

    /// <summary>Hidden states become logits.</summary>
    /// <param name="hidden">Hidden states after the final norm, [..., width].</param>
    /// <returns>Logits, [..., vocab_size].</returns>
    public abstract Tensor Head(Tensor hidden);

    /// <summary>
    /// The mean cross-entropy of predicting each target, in nats: transformers' loss when the targets are the ids
    /// shifted by one.
    /// </summary>
    /// <param name="ids">Token ids, I64 [batch, length].</param>
    /// <param name="targets">The id that should follow each, I64 [batch, length]; -100 is not counted.</param>
    /// <returns>A scalar with a gradient.</returns>
    public Tensor Loss(Tensor ids, Tensor targets)
    {
        using var logits = call(ids);
        using var flat = logits.reshape(-1, Config.VocabSize);
        using var flatTargets = targets.reshape(-1);
        return nn.functional.cross_entropy(flat, flatTargets);
    }
}
