using Importer.Loading;

namespace Importer.Models.GptNeoX;

public sealed partial class GptNeoXModel
{
    /// <summary>Loads a pretrained GPT-NeoX model, and refuses any other.</summary>
    /// <inheritdoc cref="PretrainedModel.FromPretrained"/>
    public static new GptNeoXModel FromPretrained(string idOrPath, PretrainedOptions? options = null) =>
        (GptNeoXModel)ModelLoader.Load(idOrPath, options, Family);

    /// <summary>Loads a pretrained GPT-NeoX model, and refuses any other.</summary>
    /// <inheritdoc cref="PretrainedModel.FromPretrainedAsync"/>
    public static new async Task<GptNeoXModel> FromPretrainedAsync(
        string idOrPath, PretrainedOptions? options = null, CancellationToken cancellationToken = default) =>
        (GptNeoXModel)await ModelLoader.LoadAsync(idOrPath, options, Family, cancellationToken).ConfigureAwait(false);
}
