using Importer.Loading;

namespace Importer.Models.Gpt;

public sealed partial class GptModel
{
    /// <summary>Loads a pretrained GPT-2 model, and refuses any other.</summary>
    /// <inheritdoc cref="PretrainedModel.FromPretrained"/>
    public static new GptModel FromPretrained(string idOrPath, PretrainedOptions? options = null) =>
        (GptModel)ModelLoader.Load(idOrPath, options, Family, CancellationToken.None);

    /// <summary>Loads a pretrained GPT-2 model, and refuses any other.</summary>
    /// <inheritdoc cref="PretrainedModel.FromPretrainedAsync"/>
    public static new Task<GptModel> FromPretrainedAsync(
        string idOrPath, PretrainedOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => (GptModel)ModelLoader.Load(idOrPath, options, Family, cancellationToken), cancellationToken);
}
