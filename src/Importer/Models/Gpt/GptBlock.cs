using Importer.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Importer.Models.Gpt;

/// <summary>One transformer block: x + attention(norm(x)), then x + MLP(norm(x)).</summary>
internal sealed class GptBlock : DecoderBlock
{
    [ComponentName(Name = "ln_1")]
    private readonly LayerNorm _attentionNorm;

    [ComponentName(Name = "attn")]
    private readonly GptAttention _attention;

    [ComponentName(Name = "ln_2")]
    private readonly LayerNorm _mlpNorm;

    [ComponentName(Name = "mlp")]
    private readonly GptMlp _mlp;

    public GptBlock(GptConfig config, int layer, ParameterScope parameters)
        : base(nameof(GptBlock))
    {
        _attentionNorm = new LayerNorm(config.EmbeddingSize, config.LayerNormEpsilon, config.Bias, parameters["ln_1"]);
        _attention = new GptAttention(config, layer, parameters["attn"]);
        _mlpNorm = new LayerNorm(config.EmbeddingSize, config.LayerNormEpsilon, config.Bias, parameters["ln_2"]);
        _mlp = new GptMlp(config.EmbeddingSize, config.ResolvedInnerSize, config.Bias, config.Activation, config.ResidualDropout, parameters["mlp"]);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x, ForwardPass pass)
    {
        using var normed = _attentionNorm.call(x);
        using var attended = _attention.call(normed, pass);
        using var middle = x + attended;
        using var normedAgain = _mlpNorm.call(middle);
        using var widened = _mlp.call(normedAgain);
        return middle + widened;
    }
}
