using Importer.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Importer.Models.Gpt;

/// <summary>Causal self-attention with several heads: the half of a block that moves information between positions.</summary>
internal sealed class GptAttention : nn.Module<Tensor, ForwardPass, Tensor>
{
    [ComponentName(Name = "c_attn")]
    private readonly Linear _queryKeyValue;

    [ComponentName(Name = "c_proj")]
    private readonly Linear _output;

    private readonly Attention _attention;
    private readonly int _heads;
    private readonly double _dropout;

    public GptAttention(GptConfig config, int layer, ParameterScope parameters)
        : base(nameof(GptAttention))
    {
        int d = config.EmbeddingSize;
        _queryKeyValue = new Linear(d, 3 * d, config.Bias, parameters["c_attn"]);
        _output = new Linear(d, d, config.Bias, parameters["c_proj"]);
        _heads = config.HeadCount;
        _dropout = config.ResidualDropout;
        _attention = new Attention
        {
            Layer = layer,
            Scale = (config.ScaleAttention ? 1 / Math.Sqrt(config.HeadSize) : 1) / (config.ScaleAttentionByInverseLayer ? layer + 1 : 1),
            Upcast = config.ReorderAndUpcastAttention,
            Dropout = config.AttentionDropout,
        };
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        long batch = x.shape[0], length = x.shape[1], headSize = x.shape[2] / _heads;
        // Split, not selected: its gradient is one concatenation.
        var parts = _queryKeyValue.call(x).split(x.shape[2], dim: -1);
        Tensor Heads(Tensor part) => part.view(batch, length, _heads, headSize).transpose(1, 2);
        var mixed = _attention.Mix(Heads(parts[0]), Heads(parts[1]), Heads(parts[2]), pass, training);
        return Dropout.Apply(_output.call(mixed), _dropout, training).MoveToOuterDisposeScope();
    }
}
