using Importer.Loading;

namespace Importer.Models.Llama;

public sealed partial class LlamaModel
{
    /// <summary>Loads a pretrained Llama, Mistral, Qwen2, Qwen3 or minimind model, and refuses any other.</summary>
    /// <inheritdoc cref="PretrainedModel.FromPretrained"/>
    public static new LlamaModel FromPretrained(string idOrPath, PretrainedOptions? options = null) =>
        (LlamaModel)ModelLoader.Load(idOrPath, options, Family);

    /// <summary>Loads a pretrained Llama, Mistral, Qwen2, Qwen3 or minimind model, and refuses any other.</summary>
    /// <inheritdoc cref="PretrainedModel.FromPretrainedAsync"/>
    public static new async Task<LlamaModel> FromPretrainedAsync(
        string idOrPath, PretrainedOptions? options = null, CancellationToken cancellationToken = default) =>
        (LlamaModel)await ModelLoader.LoadAsync(idOrPath, options, Family, cancellationToken).ConfigureAwait(false);
}
