using Importer.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Importer.Models.Llama;

/// <summary>Causal self-attention whose query heads share key and value heads in groups, with rotated queries and keys.</summary>
internal sealed class LlamaAttention : nn.Module<Tensor, ForwardPass, Tensor>
{
    [ComponentName(Name = "q_proj")]
    private readonly Linear _query;

    [ComponentName(Name = "k_proj")]
    private readonly Linear _key;

    [ComponentName(Name = "v_proj")]
    private readonly Linear _value;

    [ComponentName(Name = "o_proj")]
    private readonly Linear _output;

    [ComponentName(Name = "q_norm")]
    private readonly RmsNorm? _queryNorm;

    [ComponentName(Name = "k_norm")]
    private readonly RmsNorm? _keyNorm;

    private readonly Attention _attention;
    private readonly int _headSize;
    private readonly double _dropout;

    public LlamaAttention(LlamaConfig config, int layer, ParameterScope parameters)
        : base(nameof(LlamaAttention))
    {
        int width = config.EmbeddingSize, queries = config.HeadCount * config.HeadSize, keys = config.KeyValueHeadCount * config.HeadSize;
        _query = new Linear(width, queries, config.HasQueryKeyValueBias, parameters["q_proj"]);
        _key = new Linear(width, keys, config.HasQueryKeyValueBias, parameters["k_proj"]);
        _value = new Linear(width, keys, config.HasQueryKeyValueBias, parameters["v_proj"]);
        _output = new Linear(queries, width, config.AttentionBias, parameters["o_proj"]);
        if (config.HasQueryKeyNorm)
        {
            _queryNorm = new RmsNorm(config.HeadSize, config.NormEpsilon, parameters["q_norm"]);
            _keyNorm = new RmsNorm(config.HeadSize, config.NormEpsilon, parameters["k_norm"]);
        }

        _headSize = config.HeadSize;
        _dropout = config.ResidualDropout;
        _attention = new Attention
        {
            Layer = layer,
            Scale = 1 / Math.Sqrt(_headSize),
            Window = config.SlidingWindow,
            Dropout = config.AttentionDropout,
        };
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        var query = pass.Rotation!.Apply(Heads(_query.call(x), _queryNorm));
        var key = pass.Rotation.Apply(Heads(_key.call(x), _keyNorm));
        var value = Heads(_value.call(x), norm: null);
        var mixed = _attention.Mix(query, key, value, pass, training);
        return Dropout.Apply(_output.call(mixed), _dropout, training).MoveToOuterDisposeScope();
    }

    /// <summary>[batch, length, heads · head size] becomes [batch, heads, length, head size].</summary>
    private Tensor Heads(Tensor x, RmsNorm? norm)
    {
        var heads = x.view(x.shape[0], x.shape[1], -1, _headSize);
        return (norm?.call(heads) ?? heads).transpose(1, 2);
    }
}
