using Importer.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Importer.Models.Opt;

/// <summary>Causal self-attention with several heads, queries, keys and values made apart.</summary>
internal sealed class OptAttention : nn.Module<Tensor, ForwardPass, Tensor>
{
    [ComponentName(Name = "q_proj")]
    private readonly Linear _query;

    [ComponentName(Name = "k_proj")]
    private readonly Linear _key;

    [ComponentName(Name = "v_proj")]
    private readonly Linear _value;

    [ComponentName(Name = "out_proj")]
    private readonly Linear _output;

    private readonly Attention _attention;
    private readonly int _heads;
    private readonly double _dropout;

    public OptAttention(OptConfig config, int layer, ParameterScope parameters)
        : base(nameof(OptAttention))
    {
        int d = config.EmbeddingSize;
        _query = new Linear(d, d, config.Bias, parameters["q_proj"]);
        _key = new Linear(d, d, config.Bias, parameters["k_proj"]);
        _value = new Linear(d, d, config.Bias, parameters["v_proj"]);
        _output = new Linear(d, d, config.Bias, parameters["out_proj"]);
        _heads = config.HeadCount;
        _dropout = config.ResidualDropout;
        _attention = new Attention { Layer = layer, Scale = 1 / Math.Sqrt(config.HeadSize), Dropout = config.AttentionDropout };
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var mixed = _attention.Mix(Heads(_query.call(x)), Heads(_key.call(x)), Heads(_value.call(x)), pass, training);
        return Dropout.Apply(_output.call(mixed), _dropout, training).MoveToOuterDisposeScope();
    }

    private Tensor Heads(Tensor x) => x.view(x.shape[0], x.shape[1], _heads, -1).transpose(1, 2);
}
