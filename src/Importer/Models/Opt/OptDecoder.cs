using Importer.Models.Layers;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using Embedding = Importer.Models.Layers.Embedding;
using LayerNorm = Importer.Models.Layers.LayerNorm;
using Linear = Importer.Models.Layers.Linear;

namespace Importer.Models.Opt;

/// <summary>Everything but the head: token ids become hidden states as wide as the token embedding.</summary>
internal sealed class OptDecoder : Decoder
{
    [ComponentName(Name = "embed_tokens")]
    private readonly Embedding _tokens;

    [ComponentName(Name = "embed_positions")]
    private readonly Embedding _positions;

    [ComponentName(Name = "project_in")]
    private readonly Linear? _projectIn;

    [ComponentName(Name = "layers")]
    private readonly ModuleList<OptBlock> _blocks;

    [ComponentName(Name = "final_layer_norm")]
    private readonly LayerNorm? _finalNorm;

    [ComponentName(Name = "project_out")]
    private readonly Linear? _projectOut;

    public OptDecoder(OptConfig config, ParameterScope parameters)
        : base(nameof(OptDecoder))
    {
        int d = config.EmbeddingSize, e = config.ResolvedWordEmbeddingSize;
        _tokens = new Embedding(config.VocabSize, e, parameters["embed_tokens"]);
        _positions = new Embedding(config.BlockSize + OptConfig.PositionOffset, d, parameters["embed_positions"]);
        _projectIn = config.HasProjections ? new Linear(e, d, bias: false, parameters["project_in"]) : null;
        Blocks = [.. Enumerable.Range(0, config.LayerCount).Select(i => new OptBlock(config, i, parameters["layers"][$"{i}"]))];
        _blocks = new ModuleList<OptBlock>([.. Blocks]);
        _finalNorm = config.HasFinalLayerNorm
            ? new LayerNorm(d, OptConfig.LayerNormEpsilon, config.LayerNormAffine, parameters["final_layer_norm"], config.LayerNormAffine)
            : null;
        _projectOut = config.HasProjections ? new Linear(d, e, bias: false, parameters["project_out"]) : null;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Embedding Tokens => _tokens;

    /// <summary>The position embedding, [max_position_embeddings + 2, hidden_size].</summary>
    public Embedding Positions => _positions;

    /// <inheritdoc/>
    public override IReadOnlyList<OptBlock> Blocks { get; }

    /// <summary>Token embedding, widened where it is narrower than the residual stream, plus position embedding.</summary>
    public override Tensor Embed(Tensor ids, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var tokens = _tokens.call(ids);
        var vectors = _projectIn?.call(tokens) ?? tokens;
        return (vectors + _positions.At(pass, OptConfig.PositionOffset)).MoveToOuterDisposeScope();
    }

    /// <summary>The norm after the last block and the projection to the width of the head, as far as there are such.</summary>
    public override Tensor Normalize(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        var normed = _finalNorm?.call(hidden) ?? hidden;
        return (_projectOut?.call(normed) ?? (_finalNorm is null ? hidden.alias() : normed)).MoveToOuterDisposeScope();
    }
}
