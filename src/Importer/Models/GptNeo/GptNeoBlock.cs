using Importer.Models.Gpt;
using Importer.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Importer.Models.GptNeo;

/// <summary>One transformer block: x + attention(norm(x)), then x + MLP(norm(x)).</summary>
internal sealed class GptNeoBlock : DecoderBlock
{
    [ComponentName(Name = "ln_1")]
    private readonly LayerNorm _attentionNorm;

    [ComponentName(Name = "attn")]
    private readonly SeparateAttention _attention;

    [ComponentName(Name = "ln_2")]
    private readonly LayerNorm _mlpNorm;

    [ComponentName(Name = "mlp")]
    private readonly GptMlp _mlp;

    public GptNeoBlock(GptNeoConfig config, int layer, ParameterScope parameters)
        : base(nameof(GptNeoBlock))
    {
        _attentionNorm = new LayerNorm(config.EmbeddingSize, config.LayerNormEpsilon, bias: true, parameters["ln_1"]);
        // In f32, its scores not divided by √(head size).
        var attention = new Attention
        {
            Layer = layer,
            Scale = 1,
            Window = config.IsLocal(layer) ? config.WindowSize : null,
            Upcast = true,
            Dropout = config.AttentionDropout,
        };
        _attention = new SeparateAttention(
            config.EmbeddingSize, config.HeadCount, inputBias: false, outputBias: true, config.ResidualDropout, attention, parameters["attn"]);
        _mlpNorm = new LayerNorm(config.EmbeddingSize, config.LayerNormEpsilon, bias: true, parameters["ln_2"]);
        _mlp = new GptMlp(config.EmbeddingSize, config.ResolvedInnerSize, bias: true, config.Activation, config.ResidualDropout, parameters["mlp"]);
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
