using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Importer.Models.Layers;

/// <summary>y = x·Wᵀ + b, with W of shape [out, in].</summary>
internal sealed class Linear : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    [ComponentName(Name = "bias")]
    private readonly Parameter? _bias;

    public Linear(int inputs, int outputs, bool bias, ParameterScope parameters)
        : base(nameof(Linear))
    {
        _weight = parameters.Create("weight", outputs, inputs);
        _bias = bias ? parameters.Create("bias", outputs) : null;
        RegisterComponents();
    }

    /// <summary>The weight, [out, in].</summary>
    public Parameter Weight => _weight;

    /// <summary>The bias, [out]; null where the layer has none.</summary>
    public Parameter? Bias => _bias;

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => nn.functional.linear(input, _weight, _bias);
}
