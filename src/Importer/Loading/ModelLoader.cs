using Importer.Models;
using Importer.Sources;
using static TorchSharp.torch;

namespace Importer.Loading;

/// <summary>Loads a model of any family: the configuration says which, the mapping tables say how.</summary>
internal static class ModelLoader
{
    /// <summary>Loads a model.</summary>
    /// <param name="idOrPath">A directory, a weights file in one, or a model's id on the hub.</param>
    /// <param name="options">Device, dtype and the rest; null for the defaults.</param>
    /// <param name="only">The one family that will do; null for any.</param>
    public static PretrainedModel Load(string idOrPath, PretrainedOptions? options, ModelFamily? only)
    {
        var checkedOptions = Check(idOrPath, options);
        // On a thread of the pool, where no synchronisation context waits for this one.
        var located = Task.Run(() => ModelLocator.LocateAsync(idOrPath, checkedOptions.HubForProgress(), CancellationToken.None)).GetAwaiter().GetResult();
        return Load(located, checkedOptions, only, CancellationToken.None);
    }

    /// <inheritdoc cref="Load(string, PretrainedOptions, ModelFamily)"/>
    /// <param name="idOrPath">A directory, a weights file in one, or a model's id on the hub.</param>
    /// <param name="options">Device, dtype and the rest; null for the defaults.</param>
    /// <param name="only">The one family that will do; null for any.</param>
    /// <param name="cancellationToken">Stops the load; what was allocated is freed.</param>
    public static async Task<PretrainedModel> LoadAsync(
        string idOrPath, PretrainedOptions? options, ModelFamily? only, CancellationToken cancellationToken)
    {
        options = Check(idOrPath, options);
        var located = await ModelLocator.LocateAsync(idOrPath, options.HubForProgress(), cancellationToken).ConfigureAwait(false);
        return await Task.Run(() => Load(located, options, only, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private static PretrainedOptions Check(string idOrPath, PretrainedOptions? options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(idOrPath);
        options ??= new PretrainedOptions();
        options.Validate();
        return options;
    }

    private static PretrainedModel Load(LocatedModel located, PretrainedOptions options, ModelFamily? only, CancellationToken cancellationToken)
    {
        using var directory = ModelDirectory.Open(located);
        directory.UseMapping(options.MappingFile);
        var (family, stored) = ReadConfig(directory, only);
        var config = Adapt(stored, options);
        var plan = directory.Plan(TorchDTypes.FromTorch(options.DType ?? ScalarType.Float32));
        var loader = new ParameterLoader(directory, plan, options);
        var (model, report) = loader.Load(
            row => row.Target == family.PositionTable ? config.BlockSize + family.PositionOffset : null,
            parameters => family.Build(config, parameters),
            cancellationToken);
        model.LoadReport = report;
        model.Origin = ModelOrigin.Of(directory, stored, plan);
        return model;
    }

    /// <summary>The family of a model and its configuration, in which nothing is left that the family does not compute.</summary>
    /// <exception cref="ModelConfigException">config.json is broken, of no known family, or asks for what its model does not do.</exception>
    public static (ModelFamily Family, ModelConfig Config) ReadConfig(ModelDirectory directory, ModelFamily? only = null)
    {
        var json = new ConfigJson(directory.Config, directory.ConfigPath);

        // Where config.json does not say what it is for, the keys of the weights do.
        string type = json.Text("model_type") ?? (only?.ModelTypes is [var single] ? single : directory.FindMapping().ModelTypes.FirstOrDefault(""));
        var family = only ?? ModelFamily.Find(type) ?? throw json.Error(
            "model_type", $"model_type is {ConfigJson.Shorten(type)}, and there is no model for it",
            $"The families that can be computed are {ModelFamily.KnownTypes}.");
        return (family, family.ReadConfig(directory.Config, directory.ConfigPath, type));
    }

    private static ModelConfig Adapt(ModelConfig stored, PretrainedOptions options)
    {
        if (options.BlockSize > stored.BlockSize)
        {
            throw new ArgumentException(
                $"BlockSize is {options.BlockSize}, and the checkpoint's context ends at {stored.BlockSize} tokens. Choose a smaller one.",
                nameof(options));
        }

        var config = stored with { BlockSize = options.BlockSize ?? stored.BlockSize };
        return options.Dropout is { } dropout ? config.WithOneDropout(dropout) : config;
    }
}
