using Importer.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Importer.Models.Gpt;

/// <summary>
/// GPT-2: token ids in, logits out. Parameters have nanoGPT's names (<c>transformer.h.0.attn.c_attn.weight</c>) and
/// Linear layout, [out, in].
/// </summary>
/// <remarks>The mathematics is that of transformers' <c>GPT2LMHeadModel</c>, for every setting in <see cref="GptConfig"/>.</remarks>
public sealed partial class GptModel : PretrainedModel
{
    [ComponentName(Name = "transformer")]
    private readonly GptTransformer _transformer;

    [ComponentName(Name = "lm_head")]
    private readonly Linear? _head;

    internal GptModel(GptConfig config, ParameterScope parameters)
        : base(nameof(GptModel))
    {
        config.Validate();
        Config = config;
        _transformer = new GptTransformer(config, parameters["transformer"]);
        _head = config.TieWordEmbeddings ? null : new Linear(config.EmbeddingSize, config.VocabSize, bias: false, parameters["lm_head"]);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override GptConfig Config { get; }

    internal static ModelFamily Family => new()
    {
        ModelClass = nameof(GptModel),
        ModelTypes = ["gpt2"],
        ReadConfig = (json, source, _) => GptConfig.FromJson(json, source),
        Build = (config, parameters) => new GptModel((GptConfig)config, parameters),
        PositionTable = "transformer.wpe.weight",
    };

    internal override GptTransformer Decoder => _transformer;

    internal override TorchSharp.Modules.Parameter HeadWeight => _head?.Weight ?? _transformer.Tokens.Weight;

    /// <inheritdoc/>
    public override Tensor Head(Tensor hidden) => Linear.Project(hidden, Config.EmbeddingSize, HeadWeight);
}
