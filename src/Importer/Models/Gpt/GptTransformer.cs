using Importer.Models.Layers;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using Dropout = Importer.Models.Layers.Dropout;
using Embedding = Importer.Models.Layers.Embedding;
using LayerNorm = Importer.Models.Layers.LayerNorm;

namespace Importer.Models.Gpt;

/// <summary>Everything but the head: token ids become hidden states.</summary>
public sealed class GptTransformer : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "wte")]
    private readonly Embedding _tokens;

    [ComponentName(Name = "wpe")]
    private readonly Embedding _positions;

    [ComponentName(Name = "h")]
    private readonly ModuleList<GptBlock> _blocks;

    [ComponentName(Name = "ln_f")]
    private readonly LayerNorm _finalNorm;

    private readonly double _dropout;

    internal GptTransformer(GptConfig config, ParameterScope parameters)
        : base(nameof(GptTransformer))
    {
        _tokens = new Embedding(config.VocabSize, config.EmbeddingSize, parameters["wte"]);
        _positions = new Embedding(config.BlockSize, config.EmbeddingSize, parameters["wpe"]);
        _blocks = new ModuleList<GptBlock>();
        for (int i = 0; i < config.LayerCount; i++)
        {
            _blocks.Add(new GptBlock(config, i, parameters["h"][$"{i}"]));
        }

        Blocks = [.. _blocks];
        _finalNorm = new LayerNorm(config.EmbeddingSize, config.LayerNormEpsilon, parameters["ln_f"]);
        _dropout = config.EmbeddingDropout;
        RegisterComponents();
    }

    /// <summary>The token embedding, [vocab_size, n_embd]; a tied head uses it too.</summary>
    public Embedding Tokens => _tokens;

    /// <summary>The position embedding, [n_positions, n_embd].</summary>
    public Embedding Positions => _positions;

    /// <summary>The blocks, in order.</summary>
    public IReadOnlyList<GptBlock> Blocks { get; }

    /// <summary>The layer norm after the last block.</summary>
    public LayerNorm FinalNorm => _finalNorm;

    /// <summary>Token embedding plus position embedding: the residual stream before the first block.</summary>
    /// <param name="ids">Token ids, I64 [batch, length].</param>
    /// <returns>[batch, length, n_embd].</returns>
    /// <exception cref="ArgumentException">The shape is not [batch, length], or length is zero or beyond n_positions.</exception>
    public Tensor Embed(Tensor ids)
    {
        long limit = _positions.Weight.shape[0];
        if (ids.shape is not [_, var length] || length == 0 || length > limit)
        {
            throw new ArgumentException(
                $"Token ids have the shape [{string.Join(", ", ids.shape)}]; the model takes [batch, length] with 1 to {limit} tokens.", nameof(ids));
        }

        using var tokens = _tokens.call(ids);
        using var positions = _positions.Rows(0, length);
        return Dropout.Apply(tokens + positions, _dropout, training);
    }

    /// <summary>The hidden states after the final norm.</summary>
    /// <param name="ids">Token ids, I64 [batch, length].</param>
    /// <returns>[batch, length, n_embd].</returns>
    public override Tensor forward(Tensor ids)
    {
        var x = Embed(ids);
        foreach (var block in Blocks)
        {
            var next = block.call(x);
            x.Dispose();
            x = next;
        }

        using (x)
        {
            return _finalNorm.call(x);
        }
    }
}
