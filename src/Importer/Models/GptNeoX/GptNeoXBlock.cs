using Importer.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Importer.Models.GptNeoX;

/// <summary>
/// One transformer block: x + attention(norm(x)) + MLP(other norm(x)), both from the same x; or one after the other, as GPT-2.
/// </summary>
internal sealed class GptNeoXBlock : DecoderBlock
{
    [ComponentName(Name = "input_layernorm")]
    private readonly LayerNorm _attentionNorm;

    [ComponentName(Name = "attention")]
    private readonly GptNeoXAttention _attention;

    [ComponentName(Name = "post_attention_layernorm")]
    private readonly LayerNorm _mlpNorm;

    [ComponentName(Name = "mlp")]
    private readonly GptNeoXMlp _mlp;

    private readonly bool _parallel;
    private readonly double _dropout;

    public GptNeoXBlock(GptNeoXConfig config, int layer, ParameterScope parameters)
        : base(nameof(GptNeoXBlock))
    {
        _attentionNorm = new LayerNorm(config.EmbeddingSize, config.LayerNormEpsilon, bias: true, parameters["input_layernorm"]);
        _attention = new GptNeoXAttention(config, layer, parameters["attention"]);
        _mlpNorm = new LayerNorm(config.EmbeddingSize, config.LayerNormEpsilon, bias: true, parameters["post_attention_layernorm"]);
        _mlp = new GptNeoXMlp(config, parameters["mlp"]);
        _parallel = config.ParallelResidual;
        _dropout = config.HiddenDropout;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x, ForwardPass pass)
    {
        using var normed = _attentionNorm.call(x);
        using var attended = Dropout.Apply(_attention.call(normed, pass), _dropout, training);
        using var middle = x + attended;
        using var normedAgain = _mlpNorm.call(_parallel ? x : middle);
        using var widened = Dropout.Apply(_mlp.call(normedAgain), _dropout, training);
        return middle + widened;
    }
}
