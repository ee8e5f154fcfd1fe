using System.Text.Json;
using Importer.Models.Gpt;
using Importer.Models.GptNeo;
using Importer.Models.GptNeoX;
using Importer.Models.Layers;
using Importer.Models.Llama;
using Importer.Models.Opt;

namespace Importer.Models;

/// <summary>What loading has to know of a family: its model class, whose configurations it reads, and how it is built.</summary>
internal sealed record ModelFamily
{
    // Fields that would change a model in a way that none here computes: any value but these is refused.
    private static readonly (string Field, string Neutral)[] Unsupported =
    [
        ("add_cross_attention", "false"), ("quantization_config", "null"), ("pruned_heads", "{}"), ("is_encoder_decoder", "false"),
    ];

    /// <summary>Every family that there is a model for.</summary>
    public static IReadOnlyList<ModelFamily> All => [GptModel.Family, LlamaModel.Family, GptNeoModel.Family, GptNeoXModel.Family, OptModel.Family];

    /// <summary>The model class, such as <c>LlamaModel</c>.</summary>
    public required string ModelClass { get; init; }

    /// <summary>The values of config.json's <c>model_type</c> that it computes; the first is the family's own.</summary>
    public required IReadOnlyList<string> ModelTypes { get; init; }

    /// <summary>Reads a config.json: its object, what to call it in messages, and its <c>model_type</c>.</summary>
    public required Func<JsonElement, string, string, ModelConfig> ReadConfig { get; init; }

    /// <summary>Builds the model around its parameters.</summary>
    public required Func<ModelConfig, ParameterScope, PretrainedModel> Build { get; init; }

    /// <summary>The learned position embedding, which a shorter context crops; null for a family without one.</summary>
    public string? PositionTable { get; init; }

    /// <summary>Rows of the position embedding before that of the first position.</summary>
    public int PositionOffset { get; init; }

    /// <summary>The family that computes a <c>model_type</c>, or null.</summary>
    public static ModelFamily? Find(string modelType) => All.FirstOrDefault(family => family.ModelTypes.Contains(modelType));

    /// <summary>The families' <c>model_type</c>s, for a message.</summary>
    public static string KnownTypes => string.Join(", ", All.SelectMany(family => family.ModelTypes));

    /// <summary>
    /// Refuses a configuration of another <c>model_type</c> than these, and says which class is for it; and one that asks for what no
    /// family computes.
    /// </summary>
    /// <returns>The <c>model_type</c>.</returns>
    public static string Require(ConfigJson config, string modelClass, IReadOnlyList<string> types, string? fallback)
    {
        if ((config.Text("model_type") ?? fallback) is not { } type)
        {
            throw config.Error("model_type", "model_type is missing", $"Add it: {modelClass} computes {string.Join(", ", types)}.");
        }

        if (!types.Contains(type))
        {
            throw config.Error(
                "model_type", $"model_type is {ConfigJson.Shorten(type)}; {modelClass} computes {string.Join(", ", types)}",
                Find(type) is { } family ? $"Use {family.ModelClass}, or PretrainedModel for any family." : $"The families that can be computed are {KnownTypes}.");
        }

        config.Refuse(modelClass, Unsupported);
        return type;
    }
}
