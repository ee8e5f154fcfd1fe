using Importer.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Importer.Models.Gpt;

/// <summary>Causal self-attention with several heads: the half of a block that moves information between positions.</summary>
public sealed class GptAttention : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "c_attn")]
    private readonly Linear _queryKeyValue;

    [ComponentName(Name = "c_proj")]
    private readonly Linear _output;

    private readonly int _heads;
    private readonly double _scale;
    private readonly bool _upcast;
    private readonly double _attentionDropout;
    private readonly double _residualDropout;

    internal GptAttention(GptConfig config, int layer, ParameterScope parameters)
        : base(nameof(GptAttention))
    {
        int d = config.EmbeddingSize;
        _queryKeyValue = new Linear(d, 3 * d, bias: true, parameters["c_attn"]);
        _output = new Linear(d, d, bias: true, parameters["c_proj"]);
        _heads = config.HeadCount;
        _scale = (config.ScaleAttention ? 1 / Math.Sqrt(config.HeadSize) : 1) / (config.ScaleAttentionByInverseLayer ? layer + 1 : 1);
        _upcast = config.ReorderAndUpcastAttention;
        _attentionDropout = config.AttentionDropout;
        _residualDropout = config.ResidualDropout;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        long batch = x.shape[0], length = x.shape[1], width = x.shape[2], headSize = width / _heads;

        var parts = _queryKeyValue.call(x).view(batch, length, 3, _heads, headSize).permute(2, 0, 3, 1, 4);
        var query = parts.select(0, 0); // [batch, head, length, head size], as key and value
        var key = parts.select(0, 1);
        var value = parts.select(0, 2);

        var mixed = _upcast ? AttendInSinglePrecision(query, key, value) : Attend(query, key, value, headSize);
        var joined = mixed.transpose(1, 2).reshape(batch, length, width);
        return Dropout.Apply(_output.call(joined), _residualDropout, training).MoveToOuterDisposeScope();
    }

    private Tensor Attend(Tensor query, Tensor key, Tensor value, long headSize)
    {
        // TorchSharp's operator scales by 1/√(head size) and takes no other scale, so the difference goes into the query.
        double extra = _scale * Math.Sqrt(headSize);
        var scaled = Math.Abs(extra - 1) < 1e-12 ? query : query * extra;
        return nn.functional.scaled_dot_product_attention(scaled, key, value, p: training ? _attentionDropout : 0, is_casual: true);
    }

    private Tensor AttendInSinglePrecision(Tensor query, Tensor key, Tensor value)
    {
        long length = query.shape[2];
        var scores = query.to(float32).matmul(key.to(float32).transpose(-2, -1)) * _scale;
        var future = ones([length, length], @bool, query.device).triu(1);
        var weights = scores.masked_fill_(future, float.NegativeInfinity).softmax(-1).to(value.dtype);
        return Dropout.Apply(weights, _attentionDropout, training).matmul(value);
    }
}
