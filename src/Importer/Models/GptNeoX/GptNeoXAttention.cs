using Importer.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Importer.Models.GptNeoX;

/// <summary>
/// Causal self-attention with queries and keys of which a part is rotated. Rows of the one matrix for all three are
/// (head, which of the three, element), unlike GPT-2's.
/// </summary>
internal sealed class GptNeoXAttention : nn.Module<Tensor, ForwardPass, Tensor>
{
    [ComponentName(Name = "query_key_value")]
    private readonly Linear _queryKeyValue;

    [ComponentName(Name = "dense")]
    private readonly Linear _output;

    private readonly Attention _attention;
    private readonly int _heads;

    public GptNeoXAttention(GptNeoXConfig config, int layer, ParameterScope parameters)
        : base(nameof(GptNeoXAttention))
    {
        int d = config.EmbeddingSize;
        _queryKeyValue = new Linear(d, 3 * d, config.AttentionBias, parameters["query_key_value"]);
        _output = new Linear(d, d, config.AttentionBias, parameters["dense"]);
        _heads = config.HeadCount;
        _attention = new Attention { Layer = layer, Scale = 1 / Math.Sqrt(config.HeadSize), Dropout = config.AttentionDropout };
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x, ForwardPass pass)
    {
        using var scope = NewDisposeScope();
        long batch = x.shape[0], length = x.shape[1], headSize = x.shape[2] / _heads;
        var parts = _queryKeyValue.call(x).view(batch, length, _heads, 3, headSize).permute(3, 0, 2, 1, 4);
        var query = pass.Rotation!.Apply(parts.select(0, 0));
        var key = pass.Rotation.Apply(parts.select(0, 1));
        var mixed = _attention.Mix(query, key, parts.select(0, 2), pass, training);
        return _output.call(mixed).MoveToOuterDisposeScope();
    }
}
