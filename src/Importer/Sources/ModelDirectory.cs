using System.Text.Json;
using Importer.Conversion;
using Importer.IO;
using Importer.Mapping;
using SafeTensorSharp;

namespace Importer.Sources;

/// <summary>
/// A model on disk: its configuration, its weights and what belongs to them. Opening reads the configuration and headers,
/// and nothing else.
/// </summary>
internal sealed class ModelDirectory : IDisposable
{
    /// <summary>The metadata key by which an imported file says that its matrices are in Linear layout under the model's names.</summary>
    public const string LayoutKey = "import.layout";

    /// <summary>The value of <see cref="LayoutKey"/>.</summary>
    public const string LinearLayout = "linear";

    /// <summary>The table in an imported directory that was made with one of the user's own.</summary>
    public const string MappingName = "mapping.json";

    internal const string ConfigName = "config.json";

    // First hit wins, as in transformers (_get_resolved_checkpoint_files).
    internal static readonly string[] WeightNames =
        ["model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json", "ckpt.pt"];

    /// <summary>The files of a tokenizer: everything that decides ids or the meaning of special tokens. The last two are nanoGPT's.</summary>
    internal static IReadOnlyList<string> TokenizerNames { get; } =
    [
        "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt",
        "tokenizer.model", "chat_template.jinja", "meta.pkl", "meta.json",
    ];

    /// <summary>The files beside the weights that belong to a model, where they are there: what an import takes along.</summary>
    internal static IReadOnlyList<string> CompanionNames { get; } = [ConfigName, "generation_config.json", .. TokenizerNames];

    private readonly JsonDocument? _config;
    private WeightMapping? _ownMapping;

    private ModelDirectory(string path, LocatedModel located, JsonDocument? config, IReadOnlyList<string> companions, TensorSource weights)
    {
        Path = path;
        Id = located.Id;
        Commit = located.Commit;
        KnownSha256 = located.KnownSha256;
        _config = config;
        Weights = weights;
        CompanionFiles = companions;
        SourceFiles = [.. weights.Files, .. CompanionFiles];
    }

    /// <summary>The directory, as a full path.</summary>
    public string Path { get; }

    /// <summary>The model's id on the hub; null for one that was named by its path.</summary>
    public string? Id { get; }

    /// <summary>The commit it was fetched from; null for one that was named by its path.</summary>
    public string? Commit { get; }

    /// <summary>The SHA-256 of files that were verified when they were fetched, so that nobody needs to hash them again.</summary>
    public IReadOnlyDictionary<string, string> KnownSha256 { get; }

    /// <summary>The model's own name: the last part of its id, or the directory's name.</summary>
    public string Name => System.IO.Path.GetFileName(Id ?? Path) is { Length: > 0 } name ? name : "model";

    /// <summary>Whether there is a configuration; always so unless the model was opened without needing one.</summary>
    public bool HasConfig => _config is not null;

    /// <summary>The object of config.json.</summary>
    /// <exception cref="ModelNotFoundException">There is none.</exception>
    public JsonElement Config => _config?.RootElement ?? throw NoConfig(new LocatedModel(Path, Id, Commit), Path);

    /// <summary>The file that the configuration is from: config.json, or the checkpoint that holds it.</summary>
    public string ConfigPath => PathOf(HasConfigFile ? ConfigName : Weights.Files[0]);

    /// <summary>Whether only the headers are here: the files are on the hub, and the path is the model's id there.</summary>
    public bool IsRemote { get; private init; }

    /// <summary>Whether there is a config.json; nanoGPT keeps the configuration in its checkpoint.</summary>
    public bool HasConfigFile => CompanionFiles.Contains(ConfigName);

    /// <summary>The weights.</summary>
    public TensorSource Weights { get; }

    /// <summary>When the opening began, as <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/> counts.</summary>
    public required long OpenedAt { get; init; }

    /// <summary>The files beside the weights that belong to the model: configuration and tokenizer.</summary>
    public IReadOnlyList<string> CompanionFiles { get; }

    /// <summary>Every file that belongs to the model, weights first.</summary>
    public IReadOnlyList<string> SourceFiles { get; }

    /// <summary>Whether the weights are an import already: Linear layout, the model's names.</summary>
    public bool IsImported => Weights.Metadata.TryGetValue(LayoutKey, out string? layout) && layout == LinearLayout;

    /// <summary>Opens a model.</summary>
    /// <param name="located">A directory, or a weights file in one.</param>
    /// <param name="needsConfig">Whether weights without a configuration are refused.</param>
    /// <exception cref="ModelNotFoundException">There is none, or it lacks its configuration or its weights.</exception>
    /// <exception cref="UnsupportedCheckpointException">Its weights are in a container that is not read.</exception>
    /// <exception cref="ModelConfigException">config.json is broken.</exception>
    /// <exception cref="SafeTensorException">A header is broken.</exception>
    /// <exception cref="PyTorchCheckpoints.CheckpointException">A checkpoint of PyTorch is broken or hostile.</exception>
    public static ModelDirectory Open(LocatedModel located, bool needsConfig = true)
    {
        string idOrPath = located.Id ?? located.Path;
        string path = System.IO.Path.GetFullPath(located.Path);
        long openedAt = System.Diagnostics.Stopwatch.GetTimestamp();
        string? file = null;
        if (FileFacts.Of(path).Kind != FileKind.Directory && RegularFile.Exists(path))
        {
            file = System.IO.Path.GetFileName(path);
            path = System.IO.Path.GetDirectoryName(path)!;
        }

        path = System.IO.Path.TrimEndingDirectorySeparator(path);
        string[] companions = [.. CompanionNames.Where(name => RegularFile.Exists(System.IO.Path.Combine(path, name)))];
        bool hasConfig = companions.Contains(ConfigName);
        string? weights = file is not null and not ConfigName ? Readable(path, file) : FindWeights(path);
        if (!hasConfig && (weights is null || (needsConfig && !PyTorchSource.TakesName(weights))))
        {
            throw NoConfig(located, path);
        }

        var json = hasConfig ? ConfigFile.Load(System.IO.Path.Combine(path, ConfigName)) : null;
        TensorSource? source = null;
        try
        {
            source = Open(path, weights ?? throw new ModelNotFoundException(
                idOrPath, $"{path} has no weights: none of {string.Join(", ", WeightNames)} is there.",
                "Put the weights beside the configuration." + ModelLocator.HubHint(located)));
            json ??= (source as PyTorchSource)?.ReadModelArgs() ?? (needsConfig ? throw NoConfig(located, path) : null);
            return new ModelDirectory(path, located, json, companions, source) { OpenedAt = openedAt };
        }
        catch
        {
            json?.Dispose();
            source?.Dispose();
            throw;
        }
    }

    /// <inheritdoc cref="Open(LocatedModel, bool)"/>
    /// <param name="path">A directory, or a weights file in one.</param>
    public static ModelDirectory Open(string path) => Open(new LocatedModel(path, null, null));

    /// <summary>A model of which configuration and headers were fetched, and nothing else.</summary>
    /// <param name="id">Its id on the hub.</param>
    /// <param name="commit">The commit.</param>
    /// <param name="config">Its config.json; disposed with the model.</param>
    /// <param name="companions">The names of the files beside the weights.</param>
    /// <param name="headers">The headers; disposed with the model.</param>
    public static ModelDirectory OfHeaders(string id, string commit, JsonDocument config, IReadOnlyList<string> companions, TensorSource headers) =>
        new(id, new LocatedModel(id, id, commit), config, companions, headers)
        {
            OpenedAt = System.Diagnostics.Stopwatch.GetTimestamp(),
            IsRemote = true,
        };

    /// <summary>The full path of one of the model's files.</summary>
    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>The length in bytes of one of the weights' files.</summary>
    public long SizeOf(string name) => Weights is RemoteHeaders remote ? remote.Sizes[name] : RegularFile.Length(PathOf(name));

    /// <summary>The plan that turns the weights into a model's parameters.</summary>
    /// <param name="dtype">The dtype of the parameters; null to keep each tensor's own.</param>
    /// <exception cref="MappingException">The weights do not fit the configuration, or no mapping fits them.</exception>
    public LoadPlan Plan(DType? dtype)
    {
        return FindMapping().Compile(ModelConfigValues.From(Config, ConfigPath), Weights.Tensors, new PlanOptions { TargetDType = dtype });
    }

    /// <summary>Takes a table from a file instead of the ones that come with the library.</summary>
    /// <param name="path">The file; null for the library's.</param>
    /// <exception cref="MappingTableException">It is not a valid table.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public void UseMapping(string? path) => _ownMapping = path is null ? null : WeightMapping.Load(path);

    /// <summary>The mapping of the weights: the user's own, that of the import that made them, or else the one that fits.</summary>
    /// <exception cref="NoMappingException">None does, or several do.</exception>
    /// <exception cref="MappingTableException">The table in an imported directory is broken.</exception>
    public WeightMapping FindMapping()
    {
        if (IsImported && !IsRemote && _ownMapping is null && File.Exists(PathOf(MappingName)))
        {
            UseMapping(PathOf(MappingName));
        }

        if (_ownMapping is { } own)
        {
            return IsImported ? own.ForImported() : own;
        }

        var config = ModelConfigValues.From(Config, ConfigPath);
        return IsImported
            ? MappingCatalog.BuiltIn.FindImported(
                config, Weights.Tensors, IsRemote ? null : ImportManifest.TryRead(PathOf(ImportManifest.FileName))?.Mapping.Family)
            : MappingCatalog.BuiltIn.Find(config, Weights.Tensors);
    }

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        _config?.Dispose();
        Weights.Dispose();
    }

    internal static string? FindWeights(string path) => Array.Find(WeightNames, name => RegularFile.Exists(System.IO.Path.Combine(path, name)));

    private static TensorSource Open(string path, string weights) =>
        PyTorchSource.TakesName(weights) ? PyTorchSource.Open(path, weights) : SafeTensorSource.Open(path, weights);

    private static string Readable(string path, string file) =>
        file.EndsWith(".safetensors", StringComparison.Ordinal) || file.EndsWith(".safetensors.index.json", StringComparison.Ordinal)
        || PyTorchSource.TakesName(file)
            ? file
            : throw new UnsupportedCheckpointException(
                System.IO.Path.Combine(path, file), "only safetensors files and PyTorch checkpoints (.bin, .pt, .pth) are read",
                "Take the repository's model.safetensors, or save the model again with transformers' save_pretrained, which writes one.");

    private static ModelNotFoundException NoConfig(LocatedModel located, string path) => new(
        located.Id ?? located.Path, $"{path} has no {ConfigName}.", "Put the model's configuration beside its weights." + ModelLocator.HubHint(located));
}
