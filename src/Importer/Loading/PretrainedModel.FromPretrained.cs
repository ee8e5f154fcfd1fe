using Importer.Loading;
using Importer.Mapping;

namespace Importer.Models;

public abstract partial class PretrainedModel
{
    /// <summary>What loading did; null for a model that was not loaded.</summary>
    public LoadReport? LoadReport { get; internal set; }

    /// <summary>What of the checkpoint is no parameter and goes out with the model again; null for a model that was not loaded.</summary>
    internal ModelOrigin? Origin { get; set; }

    /// <summary>Loads a pretrained model of any family: config.json's <c>model_type</c> says which, or else the keys of its weights.</summary>
    /// <param name="idOrPath">
    /// A directory with config.json and weights (as transformers writes it, or as <c>import-weights</c> does), a
    /// weights file beside its config.json, or a model's id on the hub.
    /// </param>
    /// <param name="options">Device, dtype and the rest; null for the defaults.</param>
    /// <returns>The model, in evaluation mode unless the options say otherwise. It outlives dispose scopes; dispose it when done.</returns>
    /// <exception cref="ModelNotFoundException">There is no such directory, or it lacks its configuration or its weights.</exception>
    /// <exception cref="ModelConfigException">config.json is broken, of a family without a model, or asks for what its model does not do.</exception>
    /// <exception cref="MappingException">The weights do not fit the configuration: all that is missing, unexpected or misshapen.</exception>
    /// <exception cref="SafeTensorSharp.SafeTensorException">A weights file is broken.</exception>
    /// <exception cref="UnsupportedCheckpointException">The weights are in a container that is not read.</exception>
    /// <exception cref="TiedWeightsDifferException">A tied head is stored with other content than the embedding.</exception>
    /// <exception cref="HuggingFace.Hub.Client.HubException">The hub does not give the model: not there, not permitted, not reachable, not intact.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static PretrainedModel FromPretrained(string idOrPath, PretrainedOptions? options = null) =>
        ModelLoader.Load(idOrPath, options, only: null);

    /// <inheritdoc cref="FromPretrained"/>
    /// <param name="idOrPath">A directory, a weights file, or a model's id on the hub.</param>
    /// <param name="options">Device, dtype and the rest; null for the defaults.</param>
    /// <param name="cancellationToken">Stops the load; what was allocated is freed.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static Task<PretrainedModel> FromPretrainedAsync(
        string idOrPath, PretrainedOptions? options = null, CancellationToken cancellationToken = default) =>
        ModelLoader.LoadAsync(idOrPath, options, only: null, cancellationToken);
}
