using Importer.Loading;

namespace Importer.Models.Gpt;

public sealed partial class GptModel
{
    /// <summary>Loads a pretrained GPT-2 model, and refuses any other.</summary>
    /// <inheritdoc cref="PretrainedModel.FromPretrained"/>
    public static new GptModel FromPretrained(string idOrPath, PretrainedOptions? options = null) =>
        (GptModel)ModelLoader.Load(idOrPath, options, Family);

    /// <summary>Loads a pretrained GPT-2 model, and refuses any other.</summary>
    /// <inheritdoc cref="PretrainedModel.FromPretrainedAsync"/>
    public static new async Task<GptModel> FromPretrainedAsync(
        string idOrPath, PretrainedOptions? options = null, CancellationToken cancellationToken = default) =>
        (GptModel)await ModelLoader.LoadAsync(idOrPath, options, Family, cancellationToken).ConfigureAwait(false);
}
