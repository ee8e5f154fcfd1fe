using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Importer.Models.Layers;

/// <summary>Layer normalisation over the last dimension, mostly with a weight and a bias of shape [size].</summary>
internal sealed class LayerNorm : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")]
    private readonly Parameter? _weight;

    [ComponentName(Name = "bias")]
    private readonly Parameter? _bias;

    private readonly long[] _shape;
    private readonly double _epsilon;

    public LayerNorm(int size, double epsilon, bool bias, ParameterScope parameters, bool weight = true)
        : base(nameof(LayerNorm))
    {
        _shape = [size];
        _epsilon = epsilon;
        _weight = weight ? parameters.Create("weight", size) : null;
        _bias = bias ? parameters.Create("bias", size) : null;
        RegisterComponents();
    }

    /// <summary>The scale, [size]; null where the layer has none.</summary>
    public Parameter? Weight => _weight;

    /// <summary>The shift, [size]; null where the layer has none.</summary>
    public Parameter? Bias => _bias;

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => nn.functional.layer_norm(input, _shape, _weight, _bias, _epsilon);
}
