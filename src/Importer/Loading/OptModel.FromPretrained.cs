using Importer.Loading;

namespace Importer.Models.Opt;

public sealed partial class OptModel
{
    /// <summary>Loads a pretrained OPT model, and refuses any other.</summary>
    /// <inheritdoc cref="PretrainedModel.FromPretrained"/>
    public static new OptModel FromPretrained(string idOrPath, PretrainedOptions? options = null) =>
        (OptModel)ModelLoader.Load(idOrPath, options, Family);

    /// <summary>Loads a pretrained OPT model, and refuses any other.</summary>
    /// <inheritdoc cref="PretrainedModel.FromPretrainedAsync"/>
    public static new async Task<OptModel> FromPretrainedAsync(
        string idOrPath, PretrainedOptions? options = null, CancellationToken cancellationToken = default) =>
        (OptModel)await ModelLoader.LoadAsync(idOrPath, options, Family, cancellationToken).ConfigureAwait(false);
}
