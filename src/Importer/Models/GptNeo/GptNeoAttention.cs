using Importer.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Importer.Models.GptNeo;

/// <summary>
/// Causal self-attention in f32 whose scores are not divided by √(head size), over all earlier tokens or a window of them.
/// </summary>
internal sealed class GptNeoAttention : nn.Module<Tensor, ForwardPass, Tensor>
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

    public GptNeoAttention(GptNeoConfig config, int layer, ParameterScope parameters)
        : base(nameof(GptNeoAttention))
    {
        int d = config.EmbeddingSize;
        _query = new Linear(d, d, bias: false, parameters["q_proj"]);
        _key = new Linear(d, d, bias: false, parameters["k_proj"]);
        _value = new Linear(d, d, bias: false, parameters["v_proj"]);
        _output = new Linear(d, d, bias: true, parameters["out_proj"]);
        _heads = config.HeadCount;
        _dropout = config.ResidualDropout;
        _attention = new Attention
        {
            Layer = layer,
            Scale = 1,
            Window = config.IsLocal(layer) ? config.WindowSize : null,
            Upcast = true,
            Dropout = config.AttentionDropout,
        };
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
