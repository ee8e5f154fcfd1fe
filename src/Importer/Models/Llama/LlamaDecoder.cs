using Importer.Models.Layers;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using Dropout = Importer.Models.Layers.Dropout;
using Embedding = Importer.Models.Layers.Embedding;

namespace Importer.Models.Llama;

/// <summary>Everything but the head: token ids become hidden states.</summary>
internal sealed class LlamaDecoder : Decoder
{
    [ComponentName(Name = "embed_tokens")]
    private readonly Embedding _tokens;

    [ComponentName(Name = "layers")]
    private readonly ModuleList<LlamaBlock> _blocks;

    [ComponentName(Name = "norm")]
    private readonly RmsNorm _finalNorm;

    private readonly RotaryEmbedding _rotary;
    private readonly double _dropout;

    public LlamaDecoder(LlamaConfig config, ParameterScope parameters)
        : base(nameof(LlamaDecoder))
    {
        _tokens = new Embedding(config.VocabSize, config.EmbeddingSize, parameters["embed_tokens"]);
        Blocks = [.. Enumerable.Range(0, config.LayerCount).Select(i => new LlamaBlock(config, i, parameters["layers"][$"{i}"]))];
        _blocks = new ModuleList<LlamaBlock>([.. Blocks]);
        _finalNorm = new RmsNorm(config.EmbeddingSize, config.NormEpsilon, parameters["norm"]);
        _rotary = new RotaryEmbedding(config.HeadSize, config.RopeTheta, config.RopeScaling);
        _dropout = config.EmbeddingDropout;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Embedding Tokens => _tokens;

    /// <inheritdoc/>
    public override IReadOnlyList<LlamaBlock> Blocks { get; }

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
