using Importer.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Importer.Models.Gpt;

/// <summary>Widen, activate, narrow: the half of a block that looks at one position at a time.</summary>
internal sealed class GptMlp : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "c_fc")]
    private readonly Linear _widen;

    [ComponentName(Name = "c_proj")]
    private readonly Linear _narrow;

    private readonly GptActivation _activation;
    private readonly double _dropout;

    public GptMlp(GptConfig config, ParameterScope parameters)
        : base(nameof(GptMlp))
    {
        _widen = new Linear(config.EmbeddingSize, config.ResolvedInnerSize, config.Bias, parameters["c_fc"]);
        _narrow = new Linear(config.ResolvedInnerSize, config.EmbeddingSize, config.Bias, parameters["c_proj"]);
        _activation = config.Activation;
        _dropout = config.ResidualDropout;
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
