using Importer.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Importer.Models.Llama;

/// <summary>One transformer block: x + attention(norm(x)), then x + MLP(norm(x)).</summary>
internal sealed class LlamaBlock : DecoderBlock
{
    [ComponentName(Name = "input_layernorm")]
    private readonly RmsNorm _attentionNorm;

    [ComponentName(Name = "self_attn")]
    private readonly LlamaAttention _attention;

    [ComponentName(Name = "post_attention_layernorm")]
    private readonly RmsNorm _mlpNorm;

    [ComponentName(Name = "mlp")]
    private readonly nn.Module<Tensor, Tensor> _mlp;

    public LlamaBlock(LlamaConfig config, int layer, ParameterScope parameters)
        : base(nameof(LlamaBlock))
    {
        _attentionNorm = new RmsNorm(config.EmbeddingSize, config.NormEpsilon, parameters["input_layernorm"]);
        _attention = new LlamaAttention(config, layer, parameters["self_attn"]);
        _mlpNorm = new RmsNorm(config.EmbeddingSize, config.NormEpsilon, parameters["post_attention_layernorm"]);
        _mlp = config.ExpertCount > 0 ? new LlamaExperts(config, parameters["mlp"]) : new LlamaMlp(config, parameters["mlp"]);
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
