using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Importer.Models.Layers;

/// <summary>
/// Root-mean-square normalisation over the last dimension (Zhang and Sennrich 2019, arXiv 1910.07467), with a weight of shape
/// [size]. The mean is taken in f32, as transformers does, or in f64 for a model in f64.
/// </summary>
internal sealed class RmsNorm : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    private readonly double _epsilon;

    public RmsNorm(int size, double epsilon, ParameterScope parameters)
        : base(nameof(RmsNorm))
    {
        _weight = parameters.Create("weight", size);
        _epsilon = epsilon;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = input.dtype is ScalarType.Float16 or ScalarType.BFloat16 ? input.to(float32) : input;
        var scale = (x.square().mean([-1], keepdim: true) + _epsilon).rsqrt();
        return ((x * scale).to(input.dtype) * _weight).MoveToOuterDisposeScope();
    }
}
