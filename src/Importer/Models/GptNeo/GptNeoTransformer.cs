using Importer.Models.Layers;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using Dropout = Importer.Models.Layers.Dropout;
using Embedding = Importer.Models.Layers.Embedding;
using LayerNorm = Importer.Models.Layers.LayerNorm;

namespace Importer.Models.GptNeo;

/// <summary>Everything but the head: token ids become hidden states.</summary>
internal sealed class GptNeoTransformer : Decoder
{
    [ComponentName(Name = "wte")]
    private readonly Embedding _tokens;

    [ComponentName(Name = "wpe")]
    private readonly Embedding _positions;

    [ComponentName(Name = "h")]
    private readonly ModuleList<GptNeoBlock> _blocks;

    [ComponentName(Name = "ln_f")]
    private readonly LayerNorm _finalNorm;

    private readonly double _dropout;

    public GptNeoTransformer(GptNeoConfig config, ParameterScope parameters)
        : base(nameof(GptNeoTransformer))
    {
        _tokens = new Embedding(config.VocabSize, config.EmbeddingSize, parameters["wte"]);
        _positions = new Embedding(config.BlockSize, config.EmbeddingSize, parameters["wpe"]);
        Blocks = [.. Enumerable.Range(0, config.LayerCount).Select(i => new GptNeoBlock(config, i, parameters["h"][$"{i}"]))];
        _blocks = new ModuleList<GptNeoBlock>([.. Blocks]);
        _finalNorm = new LayerNorm(config.EmbeddingSize, config.LayerNormEpsilon, bias: true, parameters["ln_f"]);
        _dropout = config.EmbeddingDropout;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Embedding Tokens => _tokens;

    /// <summary>The position embedding, [max_position_embeddings, hidden_size].</summary>
    public Embedding Positions => _positions;

    /// <inheritdoc/>
    public override IReadOnlyList<GptNeoBlock> Blocks { get; }

    /// <summary>Token embedding plus position embedding.</summary>
    public override Tensor Embed(Tensor ids, ForwardPass pass)
    {
        using var tokens = _tokens.call(ids);
        using var positions = _positions.At(pass);
        return Dropout.Apply(tokens + positions, _dropout, training);
    }

    /// <inheritdoc/>
    public override Tensor Normalize(Tensor hidden) => _finalNorm.call(hidden);
}
