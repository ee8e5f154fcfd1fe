using Importer.Loading;

namespace Importer.Models.GptNeo;

public sealed partial class GptNeoModel
{
    /// <summary>Loads a pretrained GPT-Neo model, and refuses any other.</summary>
    /// <inheritdoc cref="PretrainedModel.FromPretrained"/>
    public static new GptNeoModel FromPretrained(string idOrPath, PretrainedOptions? options = null) =>
        (GptNeoModel)ModelLoader.Load(idOrPath, options, Family);

    /// <summary>Loads a pretrained GPT-Neo model, and refuses any other.</summary>
    /// <inheritdoc cref="PretrainedModel.FromPretrainedAsync"/>
    public static new async Task<GptNeoModel> FromPretrainedAsync(
        string idOrPath, PretrainedOptions? options = null, CancellationToken cancellationToken = default) =>
        (GptNeoModel)await ModelLoader.LoadAsync(idOrPath, options, Family, cancellationToken).ConfigureAwait(false);
}
