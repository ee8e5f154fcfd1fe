using Importer.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Importer.Models.GptNeo;

/// <summary>
/// GPT-Neo: token ids in, logits out. It is GPT-2 but for its attention: every second layer sees a window, and scores are not
/// scaled. Parameters are in Linear layout, [out, in], under names such as <c>transformer.h.0.attn.q_proj.weight</c>.
/// </summary>
/// <remarks>The mathematics is that of transformers' <c>GPTNeoForCausalLM</c>, for every setting in <see cref="GptNeoConfig"/>.</remarks>
public sealed partial class GptNeoModel : PretrainedModel
{
    [ComponentName(Name = "transformer")]
    private readonly GptNeoTransformer _transformer;

    [ComponentName(Name = "lm_head")]
    private readonly Linear? _head;

    internal GptNeoModel(GptNeoConfig config, ParameterScope parameters)
        : base(nameof(GptNeoModel))
    {
        config.Validate();
        Config = config;
        _transformer = new GptNeoTransformer(config, parameters["transformer"]);
        _head = config.TieWordEmbeddings ? null : new Linear(config.EmbeddingSize, config.VocabSize, bias: false, parameters["lm_head"]);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override GptNeoConfig Config { get; }

    internal static ModelFamily Family => new()
    {
        ModelClass = nameof(GptNeoModel),
        ModelTypes = ["gpt_neo"],
        ReadConfig = GptNeoConfig.FromJson,
        Build = (config, parameters) => new GptNeoModel((GptNeoConfig)config, parameters),
        PositionTable = "transformer.wpe.weight",
    };

    internal override GptNeoTransformer Decoder => _transformer;

    internal override TorchSharp.Modules.Parameter HeadWeight => _head?.Weight ?? _transformer.Tokens.Weight;

    /// <inheritdoc/>
    public override Tensor Head(Tensor hidden) => Linear.Project(hidden, Config.EmbeddingSize, HeadWeight);
}
