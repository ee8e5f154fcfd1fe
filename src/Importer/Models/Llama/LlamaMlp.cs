using Importer.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Importer.Models.Llama;

/// <summary>SwiGLU (Shazeer 2020, arXiv 2002.05202): down(silu(gate(x)) · up(x)).</summary>
internal sealed class LlamaMlp : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "gate_proj")]
    private readonly Linear _gate;

    [ComponentName(Name = "up_proj")]
    private readonly Linear _up;

    [ComponentName(Name = "down_proj")]
    private readonly Linear _down;

    public LlamaMlp(LlamaConfig config, ParameterScope parameters)
        : base(nameof(LlamaMlp))
    {
        _gate = new Linear(config.EmbeddingSize, config.InnerSize, config.MlpBias, parameters["gate_proj"]);
        _up = new Linear(config.EmbeddingSize, config.InnerSize, config.MlpBias, parameters["up_proj"]);
        _down = new Linear(config.InnerSize, config.EmbeddingSize, config.MlpBias, parameters["down_proj"]);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        using var gate = _gate.call(x);
        using var open = nn.functional.silu(gate);
        using var up = _up.call(x);
        using var inner = open * up;
        return _down.call(inner);
    }
}
