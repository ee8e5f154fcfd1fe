namespace HuggingFace.Hub.Client;

/// <summary>The files of a model that are on this machine.</summary>
public sealed class HubModelFiles
{
    internal HubModelFiles(HubSnapshot snapshot, ModelChoice choice)
    {
        Snapshot = snapshot;
        Format = choice.Format;
        Config = Locate(choice.Config)!;
        GenerationConfig = Locate(choice.GenerationConfig);
        WeightsIndex = Locate(choice.Index);
        Weights = [.. choice.Weights.Select(path => Locate(path)!)];
        Tokenizer = [.. choice.Tokenizer.Select(path => Locate(path)!)];
        Directory = choice.Subfolder is { } folder
            ? Path.Combine(snapshot.Directory, folder.Replace('/', Path.DirectorySeparatorChar))
            : snapshot.Directory;
    }

    /// <summary>All files, with commit, sizes and paths in the repository.</summary>
    public HubSnapshot Snapshot { get; }

    /// <summary>The commit, 40 hexadecimal digits.</summary>
    public string Commit => Snapshot.Commit;

    /// <summary>The directory that holds the model's files.</summary>
    public string Directory { get; }

    /// <summary>The path of config.json.</summary>
    public string Config { get; }

    /// <summary>The path of generation_config.json; null where the repository has none.</summary>
    public string? GenerationConfig { get; }

    /// <summary>The format of the weights: never <see cref="HubWeightFormat.Auto"/>.</summary>
    public HubWeightFormat Format { get; }

    /// <summary>The path of the index when the weights are in shards; else null.</summary>
    public string? WeightsIndex { get; }

    /// <summary>The paths of the weights: one file, or the shards in the order of their names.</summary>
    public IReadOnlyList<string> Weights { get; }

    /// <summary>The paths of the tokenizer's files that the repository has; may be empty.</summary>
    public IReadOnlyList<string> Tokenizer { get; }

    private string? Locate(string? path) => path is null ? null : Snapshot.Find(path)?.LocalPath;
}
