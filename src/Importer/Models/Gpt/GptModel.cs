using Importer.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Importer.Models.Gpt;

/// <summary>
/// GPT-2: token ids in, logits out. Parameters have nanoGPT's names (<c>transformer.h.0.attn.c_attn.weight</c>) and
/// Linear layout, [out, in]; a tied head has none of its own.
/// </summary>
/// <remarks>
/// The mathematics is that of transformers' <c>GPT2LMHeadModel</c>, for every setting in <see cref="GptConfig"/>.
/// A tied head is functional, because TorchSharp counts a Parameter that two modules share twice: an optimizer would
/// step it twice.
/// </remarks>
public sealed partial class GptModel : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "transformer")]
    private readonly GptTransformer _transformer;

    [ComponentName(Name = "lm_head")]
    private readonly Linear? _head;

    internal GptModel(GptConfig config, ParameterScope parameters)
        : base(nameof(GptModel))
    {
        config.Validate();
        Config = config;
        _transformer = new GptTransformer(config, parameters["transformer"]);
        _head = config.TieWordEmbeddings ? null : new Linear(config.EmbeddingSize, config.VocabSize, bias: false, parameters["lm_head"]);
        RegisterComponents();
    }

    /// <summary>The model's shape and mathematics.</summary>
    public GptConfig Config { get; }

    /// <summary>The embeddings and the blocks.</summary>
    public GptTransformer Transformer => _transformer;

    /// <summary>The logits of every position.</summary>
    /// <param name="ids">Token ids, I64 [batch, length], length at most <see cref="GptConfig.BlockSize"/>.</param>
    /// <returns>Logits, [batch, length, vocab_size], in the model's dtype.</returns>
    /// <exception cref="ArgumentException">The shape is not [batch, length], or the length is out of range.</exception>
    public override Tensor forward(Tensor ids)
    {
        using var hidden = _transformer.call(ids);
        return Head(hidden);
    }

    /// <summary>Hidden states become logits.</summary>
    /// <param name="hidden">Hidden states after the final norm, [..., n_embd].</param>
    /// <returns>Logits, [..., vocab_size].</returns>
    public Tensor Head(Tensor hidden) => nn.functional.linear(hidden, _head?.Weight ?? _transformer.Tokens.Weight);

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
