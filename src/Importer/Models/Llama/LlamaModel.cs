using Importer.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Importer.Models.Llama;

/// <summary>
/// Llama and the models with its mathematics: TinyLlama, SmolLM, Mistral, Qwen2, Qwen3, minimind. Token ids in, logits out.
/// Parameters have transformers' names (<c>model.layers.0.self_attn.q_proj.weight</c>) and Linear layout, [out, in].
/// </summary>
/// <remarks>
/// The mathematics is that of transformers' <c>LlamaForCausalLM</c> and its relatives, and of minimind's own model, for every
/// setting in <see cref="LlamaConfig"/>: RMSNorm before attention and before a SwiGLU MLP, rotary positions, key and value
/// heads that query heads share.
/// </remarks>
public sealed partial class LlamaModel : PretrainedModel
{
    [ComponentName(Name = "model")]
    private readonly LlamaDecoder _decoder;

    [ComponentName(Name = "lm_head")]
    private readonly Linear? _head;

    internal LlamaModel(LlamaConfig config, ParameterScope parameters)
        : base(nameof(LlamaModel))
    {
        config.Validate();
        Config = config;
        _decoder = new LlamaDecoder(config, parameters["model"]);
        _head = config.TieWordEmbeddings ? null : new Linear(config.EmbeddingSize, config.VocabSize, bias: false, parameters["lm_head"]);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override LlamaConfig Config { get; }

    internal static ModelFamily Family => new()
    {
        ModelClass = nameof(LlamaModel),
        ModelTypes = LlamaConfig.ModelTypes,
        ReadConfig = LlamaConfig.FromJson,
        Build = (config, parameters) => new LlamaModel((LlamaConfig)config, parameters),
    };

    internal override LlamaDecoder Decoder => _decoder;

    internal override TorchSharp.Modules.Parameter HeadWeight => _head?.Weight ?? _decoder.Tokens.Weight;

    /// <inheritdoc/>
    public override Tensor Head(Tensor hidden) => Linear.Project(hidden, Config.EmbeddingSize, HeadWeight);
}
