using Importer.Models.Gpt;
using Importer.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Importer.Models.Opt;

/// <summary>
/// One transformer block: x + attention(norm(x)), then x + MLP(norm(x)); or, where norms come after, norm(x + attention(x)), then
/// norm(x + MLP(x)).
/// </summary>
internal sealed class OptBlock : DecoderBlock
{
    [ComponentName(Name = "self_attn")]
    private readonly SeparateAttention _attention;

    [ComponentName(Name = "self_attn_layer_norm")]
    private readonly LayerNorm _attentionNorm;

    [ComponentName(Name = "fc1")]
    private readonly Linear _widen;

    [ComponentName(Name = "fc2")]
    private readonly Linear _narrow;

    [ComponentName(Name = "final_layer_norm")]
    private readonly LayerNorm _mlpNorm;

    private readonly bool _normBefore;
    private readonly GptActivation _activation;
    private readonly double _dropout;

    public OptBlock(OptConfig config, int layer, ParameterScope parameters)
        : base(nameof(OptBlock))
    {
        int d = config.EmbeddingSize;
        var attention = new Attention { Layer = layer, Scale = 1 / Math.Sqrt(config.HeadSize), Dropout = config.AttentionDropout };
        _attention = new SeparateAttention(d, config.HeadCount, config.Bias, config.Bias, config.ResidualDropout, attention, parameters["self_attn"]);
        _attentionNorm = new LayerNorm(d, OptConfig.LayerNormEpsilon, config.LayerNormAffine, parameters["self_attn_layer_norm"], config.LayerNormAffine);
        _widen = new Linear(d, config.InnerSize, config.Bias, parameters["fc1"]);
        _narrow = new Linear(config.InnerSize, d, config.Bias, parameters["fc2"]);
        _mlpNorm = new LayerNorm(d, OptConfig.LayerNormEpsilon, config.LayerNormAffine, parameters["final_layer_norm"], config.LayerNormAffine);
        _normBefore = config.LayerNormBefore;
        _activation = config.Activation;
        _dropout = config.ResidualDropout;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var middle = _normBefore
            ? x + _attention.call(_attentionNorm.call(x), pass)
            : _attentionNorm.call(x + _attention.call(x, pass));
        var result = _normBefore ? middle + Mlp(_mlpNorm.call(middle)) : _mlpNorm.call(middle + Mlp(middle));
        return result.MoveToOuterDisposeScope();
    }

    private Tensor Mlp(Tensor x) => Dropout.Apply(_narrow.call(Activations.Apply(_activation, _widen.call(x))), _dropout, training);
}
