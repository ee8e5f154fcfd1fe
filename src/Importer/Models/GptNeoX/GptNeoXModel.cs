using Importer.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace Importer.Models.GptNeoX;

/// <summary>
/// GPT-NeoX and Pythia: token ids in, logits out. Parameters have transformers' names
/// (<c>gpt_neox.layers.0.attention.query_key_value.weight</c>) and Linear layout, [out, in].
/// </summary>
/// <remarks>The mathematics is that of transformers' <c>GPTNeoXForCausalLM</c>, for every setting in <see cref="GptNeoXConfig"/>.</remarks>
public sealed partial class GptNeoXModel : PretrainedModel
{
    [ComponentName(Name = "gpt_neox")]
    private readonly GptNeoXDecoder _decoder;

    [ComponentName(Name = "embed_out")]
    private readonly Linear? _head;

    internal GptNeoXModel(GptNeoXConfig config, ParameterScope parameters)
        : base(nameof(GptNeoXModel))
    {
        config.Validate();
        Config = config;
        _decoder = new GptNeoXDecoder(config, parameters["gpt_neox"]);
        _head = config.TieWordEmbeddings ? null : new Linear(config.EmbeddingSize, config.VocabSize, bias: false, parameters["embed_out"]);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override GptNeoXConfig Config { get; }

    internal static ModelFamily Family => new()
    {
        ModelClass = nameof(GptNeoXModel),
        ModelTypes = ["gpt_neox"],
        ReadConfig = GptNeoXConfig.FromJson,
        Build = (config, parameters) => new GptNeoXModel((GptNeoXConfig)config, parameters),
    };

    internal override GptNeoXDecoder Decoder => _decoder;

    internal override TorchSharp.Modules.Parameter HeadWeight => _head?.Weight ?? _decoder.Tokens.Weight;

    /// <inheritdoc/>
    public override Tensor Head(Tensor hidden) => Linear.Project(hidden, Config.EmbeddingSize, HeadWeight);
}
