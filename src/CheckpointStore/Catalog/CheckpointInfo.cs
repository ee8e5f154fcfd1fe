using System.Text.Json;

namespace CheckpointStorage;

/// <summary>A checkpoint as its manifest describes it. Nothing but the manifest has been read, and no file been checked.</summary>
public sealed class CheckpointInfo
{
    internal CheckpointInfo(string id, string directory, CheckpointName? name, Manifest? manifest, CheckpointProblem? problem, bool isPinned)
    {
        Id = id;
        Directory = directory;
        Name = name;
        Problem = problem;
        IsPinned = isPinned;
        Step = manifest?.Step ?? name?.Step ?? 0;
        SavedAt = manifest?.SavedAt ?? name?.SavedAt ?? default;
        Epoch = manifest?.Epoch;
        Metric = manifest?.Metric;
        ParentId = manifest?.ParentId;
        Configuration = manifest?.Configuration ?? new Dictionary<string, string>();
        ConfigurationKey = CheckpointStorage.ConfigurationKey.Of(Configuration);
        Metadata = manifest?.Metadata ?? Manifest.NoMetadata;
        Files = manifest?.Files ?? [];
    }

    /// <summary>The name of its directory.</summary>
    public string Id { get; }

    /// <summary>The full path of its directory.</summary>
    public string Directory { get; }

    /// <summary>
    /// Null when the manifest was read; else what is wrong with it, and everything that a manifest says is empty. Such a checkpoint
    /// is listed, so that nobody takes the one before for the newest without being told.
    /// </summary>
    public CheckpointProblem? Problem { get; }

    /// <summary>Updates that were done.</summary>
    public long Step { get; }

    /// <summary>When it was saved, by the clock of the machine.</summary>
    public DateTimeOffset SavedAt { get; }

    /// <summary>Passes over the data, as the caller counts them; null when not recorded.</summary>
    public double? Epoch { get; }

    /// <summary>The metric that decides which is best, such as the validation loss; null when not recorded.</summary>
    public double? Metric { get; }

    /// <summary>The checkpoint that the run came from; null for the first.</summary>
    public string? ParentId { get; }

    /// <summary>The settings that a checkpoint is of no use without, such as <c>n_layer</c>.</summary>
    public IReadOnlyDictionary<string, string> Configuration { get; }

    /// <summary>A short hash of <see cref="Configuration"/>: equal for checkpoints that may take each other's place.</summary>
    public string ConfigurationKey { get; }

    /// <summary>What else the caller recorded: a JSON object, perhaps empty.</summary>
    public JsonElement Metadata { get; }

    /// <summary>The files.</summary>
    public IReadOnlyList<CheckpointFileInfo> Files { get; }

    /// <summary>Bytes of all files.</summary>
    public long TotalBytes => Files.Sum(file => file.Length);

    /// <summary>Whether rotation leaves it alone.</summary>
    public bool IsPinned { get; }

    internal CheckpointName? Name { get; }

    /// <summary>The full path of one of the files, for readers that take paths; check it first with <see cref="CheckpointStore.VerifyAsync"/>.</summary>
    /// <param name="file">The file's name.</param>
    /// <exception cref="CheckpointNotFoundException">The manifest has no such file; the message names those it has.</exception>
    public string GetPath(string file) => Path.Combine(Directory, GetFile(file).Name);

    /// <summary>Refuses a checkpoint of another configuration.</summary>
    /// <param name="expected">The settings that are needed; those that it does not have are not compared.</param>
    /// <exception cref="ConfigurationMismatchException">Some differ; all of them are named.</exception>
    public void RequireConfiguration(IReadOnlyDictionary<string, string> expected)
    {
        ArgumentNullException.ThrowIfNull(expected);
        CheckpointDifference[] differences =
        [
            .. expected.Where(pair => Configuration.GetValueOrDefault(pair.Key) != pair.Value)
                .OrderBy(pair => pair.Key, StringComparer.Ordinal)
                .Select(pair => new CheckpointDifference(DifferenceKind.Configuration, pair.Key, Configuration.GetValueOrDefault(pair.Key), pair.Value)),
        ];
        if (differences.Length > 0)
        {
            throw new ConfigurationMismatchException(Id, differences);
        }
    }

    /// <summary>The id.</summary>
    public override string ToString() => Id;

    internal CheckpointFileInfo GetFile(string file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return Files.FirstOrDefault(f => f.Name == file) ?? throw CheckpointNotFoundException.File(this, file);
    }
}
