using Importer.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Importer.Models.Gpt;

/// <summary>Widen, activate, narrow: the half of a block that looks at one position at a time. GPT-Neo has it too.</summary>
internal sealed class GptMlp : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "c_fc")]
    private readonly Linear _widen;

    [ComponentName(Name = "c_proj")]
    private readonly Linear _narrow;

    private readonly GptActivation _activation;
    private readonly double _dropout;

    public GptMlp(int width, int innerWidth, bool bias, GptActivation activation, double dropout, ParameterScope parameters)
        : base(nameof(GptMlp))
    {
        _widen = new Linear(width, innerWidth, bias, parameters["c_fc"]);
        _narrow = new Linear(innerWidth, width, bias, parameters["c_proj"]);
        _activation = activation;
        _dropout = dropout;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        using var wide = _widen.call(x);
        using var active = Activations.Apply(_activation, wide);
        return Dropout.Apply(_narrow.call(active), _dropout, training);
    }
}
