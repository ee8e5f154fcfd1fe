using Importer.Models.Layers;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using Dropout = Importer.Models.Layers.Dropout;
using Embedding = Importer.Models.Layers.Embedding;
using LayerNorm = Importer.Models.Layers.LayerNorm;

namespace Importer.Models.GptNeoX;

/// <summary>Everything but the head: token ids become hidden states.</summary>
internal sealed class GptNeoXDecoder : Decoder
{
    [ComponentName(Name = "embed_in")]
    private readonly Embedding _tokens;

    [ComponentName(Name = "layers")]
    private readonly ModuleList<GptNeoXBlock> _blocks;

    [ComponentName(Name = "final_layer_norm")]
    private readonly LayerNorm _finalNorm;

    private readonly RotaryEmbedding _rotary;
    private readonly double _dropout;

    public GptNeoXDecoder(GptNeoXConfig config, ParameterScope parameters)
        : base(nameof(GptNeoXDecoder))
    {
        _tokens = new Embedding(config.VocabSize, config.EmbeddingSize, parameters["embed_in"]);
        Blocks = [.. Enumerable.Range(0, config.LayerCount).Select(i => new GptNeoXBlock(config, i, parameters["layers"][$"{i}"]))];
        _blocks = new ModuleList<GptNeoXBlock>([.. Blocks]);
        _finalNorm = new LayerNorm(config.EmbeddingSize, config.LayerNormEpsilon, bias: true, parameters["final_layer_norm"]);
        _rotary = new RotaryEmbedding(config.RotarySize, config.RopeTheta, config.RopeScaling);
        _dropout = config.HiddenDropout;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Embedding Tokens => _tokens;

    /// <inheritdoc/>
    public override IReadOnlyList<GptNeoXBlock> Blocks { get; }

    /// <inheritdoc/>
    public override Tensor Embed(Tensor ids, ForwardPass pass)
    {
        var tokens = _tokens.call(ids);
        pass.Rotate(_rotary, tokens.dtype);
        return Dropout.Apply(tokens, _dropout, training);
    }

    /// <inheritdoc/>
    public override Tensor Normalize(Tensor hidden) => _finalNorm.call(hidden);
}
