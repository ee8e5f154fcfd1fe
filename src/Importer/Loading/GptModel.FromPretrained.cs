using Importer.Loading;
using Importer.Mapping;
using Importer.Sources;

namespace Importer.Models.Gpt;

public sealed partial class GptModel
{
    /// <summary>What loading did; null for a model that was not loaded.</summary>
    public LoadReport? LoadReport { get; private set; }

    /// <summary>Loads a pretrained GPT-2 model.</summary>
    /// <param name="idOrPath">
    /// A directory with config.json and weights (as transformers writes it, or as <c>import-weights</c> does), a
    /// weights file beside its config.json, or a model's id on the hub.
    /// </param>
    /// <param name="options">Device, dtype and the rest; null for the defaults.</param>
    /// <returns>The model, in evaluation mode unless the options say otherwise. It outlives dispose scopes; dispose it when done.</returns>
    /// <exception cref="ModelNotFoundException">There is no such directory, or it lacks its configuration or its weights.</exception>
    /// <exception cref="ModelConfigException">config.json is broken, of another family, or asks for what the model does not do.</exception>
    /// <exception cref="MappingException">The weights do not fit the configuration: all that is missing, unexpected or misshapen.</exception>
    /// <exception cref="SafeTensorSharp.SafeTensorException">A weights file is broken.</exception>
    /// <exception cref="UnsupportedCheckpointException">The weights are in a container that is not read.</exception>
    /// <exception cref="TiedWeightsDifferException">A tied head is stored with other content than the embedding.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="HuggingFace.Hub.Client.HubException">The hub does not give the model: not there, not permitted, not reachable, not intact.</exception>
    public static GptModel FromPretrained(string idOrPath, PretrainedOptions? options = null)
    {
        options = Check(idOrPath, options);
        // On a thread of the pool, where no synchronisation context waits for this one.
        var located = Task.Run(() => ModelLocator.LocateAsync(idOrPath, options.HubForProgress(), CancellationToken.None)).GetAwaiter().GetResult();
        return Load(located, options, CancellationToken.None);
    }

    /// <inheritdoc cref="FromPretrained"/>
    /// <param name="idOrPath">A directory, a weights file, or a model's id on the hub.</param>
    /// <param name="options">Device, dtype and the rest; null for the defaults.</param>
    /// <param name="cancellationToken">Stops the load; what was allocated is freed.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static async Task<GptModel> FromPretrainedAsync(
        string idOrPath, PretrainedOptions? options = null, CancellationToken cancellationToken = default)
    {
        options = Check(idOrPath, options);
        var located = await ModelLocator.LocateAsync(idOrPath, options.HubForProgress(), cancellationToken).ConfigureAwait(false);
        return await Task.Run(() => Load(located, options, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private static PretrainedOptions Check(string idOrPath, PretrainedOptions? options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(idOrPath);
        options ??= new PretrainedOptions();
        options.Validate();
        return options;
    }

    private static GptModel Load(LocatedModel located, PretrainedOptions options, CancellationToken cancellationToken)
    {
        using var directory = ModelDirectory.Open(located);
        var stored = GptConfig.FromJson(directory.Config, directory.ConfigPath);
        var config = Adapt(stored, options);
        var plan = directory.Plan(TorchDTypes.FromTorch(options.DType ?? TorchSharp.torch.ScalarType.Float32));
        var loader = new ParameterLoader(directory, plan, options);
        var (model, report) = loader.Load(
            row => row.Target == "transformer.wpe.weight" ? config.BlockSize : null,
            parameters => new GptModel(config, parameters),
            cancellationToken);
        model.LoadReport = report;
        return model;
    }

    private static GptConfig Adapt(GptConfig stored, PretrainedOptions options)
    {
        if (options.BlockSize > stored.BlockSize)
        {
            throw new ArgumentException(
                $"BlockSize is {options.BlockSize}, and the checkpoint's position table ends at {stored.BlockSize} tokens. Choose a smaller one.",
                nameof(options));
        }

        var config = stored with { BlockSize = options.BlockSize ?? stored.BlockSize };
        return options.Dropout is { } dropout ? config.WithDropout(dropout) : config;
    }
}
