using Importer.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Importer.Models.Opt;

/// <summary>
/// OPT (Zhang et al. 2022, arXiv 2205.01068): token ids in, logits out. Parameters are in Linear layout, [out, in], under the names
/// of transformers' <c>OPTModel</c>, such as <c>decoder.layers.0.self_attn.q_proj.weight</c>.
/// </summary>
/// <remarks>
/// The mathematics is that of transformers' <c>OPTForCausalLM</c>, for every setting in <see cref="OptConfig"/>. Hidden states are
/// <c>hidden_size</c> wide, but the last ones, which the head takes, <c>word_embed_proj_dim</c>.
/// </remarks>
public sealed partial class OptModel : PretrainedModel
{
    [ComponentName(Name = "decoder")]
    private readonly OptDecoder _decoder;

    [ComponentName(Name = "lm_head")]
    private readonly Linear? _head;

    internal OptModel(OptConfig config, ParameterScope parameters)
        : base(nameof(OptModel))
    {
        config.Validate();
        Config = config;
        _decoder = new OptDecoder(config, parameters["decoder"]);
        _head = config.TieWordEmbeddings
            ? null
            : new Linear(config.ResolvedWordEmbeddingSize, config.VocabSize, bias: false, parameters["lm_head"]);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override OptConfig Config { get; }

    internal static ModelFamily Family => new()
    {
        ModelClass = nameof(OptModel),
        ModelTypes = ["opt"],
        ReadConfig = OptConfig.FromJson,
        Build = (config, parameters) => new OptModel((OptConfig)config, parameters),
        PositionTable = "decoder.embed_positions.weight",
        PositionOffset = OptConfig.PositionOffset,
    };

    internal override OptDecoder Decoder => _decoder;

    internal override TorchSharp.Modules.Parameter HeadWeight => _head?.Weight ?? _decoder.Tokens.Weight;

    /// <inheritdoc/>
    public override Tensor Head(Tensor hidden) => Linear.Project(hidden, Config.ResolvedWordEmbeddingSize, HeadWeight);
}
