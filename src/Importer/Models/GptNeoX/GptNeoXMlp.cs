using Importer.Models.Gpt;
using Importer.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Importer.Models.GptNeoX;

/// <summary>Widen, activate, narrow: the half of a block that looks at one position at a time.</summary>
internal sealed class GptNeoXMlp : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "dense_h_to_4h")]
    private readonly Linear _widen;

    [ComponentName(Name = "dense_4h_to_h")]
    private readonly Linear _narrow;

    private readonly GptActivation _activation;

    public GptNeoXMlp(GptNeoXConfig config, ParameterScope parameters)
        : base(nameof(GptNeoXMlp))
    {
        _widen = new Linear(config.EmbeddingSize, config.InnerSize, bias: true, parameters["dense_h_to_4h"]);
        _narrow = new Linear(config.InnerSize, config.EmbeddingSize, bias: true, parameters["dense_4h_to_h"]);
        _activation = config.Activation;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        using var wide = _widen.call(x);
        using var active = Activations.Apply(_activation, wide);
        return _narrow.call(active);
    }
}
