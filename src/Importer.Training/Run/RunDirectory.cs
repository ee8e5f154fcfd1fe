using CheckpointStorage;
using Importer.Training.Checkpoints;

namespace Importer.Training;

/// <summary>What is in a run's directory before it is written to. Looking changes nothing.</summary>
internal sealed class RunDirectory
{
    /// <summary>Where the tokens of texts are kept.</summary>
    public const string DataFolder = "data";

    // What a run that came to no checkpoint may have left: its observers' files, its data, the store's own.
    private static readonly string[] OwnNames = [DataFolder, "backups", "latest", "best", "metrics.jsonl", "tensorboard", "plots", "logs", "status.json", "index.html"];
    private static readonly string[] OwnPrefixes = [".", "events.out.", "plot", "loss."];

    private RunDirectory(string path, IReadOnlyList<string> checkpoints, IReadOnlyList<string> quarantined, IReadOnlyList<string> others)
    {
        Path = path;
        Checkpoints = checkpoints;
        Quarantined = quarantined;
        Others = others;
    }

    /// <summary>The full path.</summary>
    public string Path { get; }

    /// <summary>Ids of checkpoints, damaged ones included.</summary>
    public IReadOnlyList<string> Checkpoints { get; }

    /// <summary>Damaged checkpoints that were put aside.</summary>
    public IReadOnlyList<string> Quarantined { get; }

    /// <summary>Names that are no run's.</summary>
    public IReadOnlyList<string> Others { get; }

    /// <summary>nanoGPT's checkpoint; null where there is none.</summary>
    public string? NanoGpt => File.Exists(System.IO.Path.Combine(Path, CheckpointNames.NanoGpt)) ? System.IO.Path.Combine(Path, CheckpointNames.NanoGpt) : null;

    /// <summary>Whether a run was here that came to a checkpoint, whatever became of that.</summary>
    public bool HasRun => Checkpoints.Count > 0 || Quarantined.Count > 0;

    /// <summary>Looks.</summary>
    public static RunDirectory Inspect(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        if (!Directory.Exists(path))
        {
            return File.Exists(path)
                ? throw new RunDirectoryInUseException(path)
                : new RunDirectory(path, [], [], []);
        }

        using var store = CheckpointStore.OpenRead(path);
        var checkpoints = store.List().Select(info => info.Id).ToList();
        string[] others =
        [
            .. Directory.EnumerateFileSystemEntries(path).Select(entry => System.IO.Path.GetFileName(entry))
                .Where(name => !checkpoints.Contains(name) && !OwnNames.Contains(name) && !OwnPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)))
                .Order(StringComparer.Ordinal),
        ];
        return new RunDirectory(path, checkpoints, store.ListQuarantined(), others);
    }

    /// <summary>Refuses to begin a run among another's checkpoints, or among files that are nobody's.</summary>
    /// <exception cref="RunDirectoryInUseException">There are some; nothing was changed.</exception>
    public void RequireFree(bool overwrite)
    {
        if (overwrite)
        {
            return;
        }

        if (HasRun || NanoGpt is not null)
        {
            throw new RunDirectoryInUseException(
                Path, HasRun ? [.. Checkpoints, .. Quarantined.Select(path => System.IO.Path.GetFileName(path))] : [CheckpointNames.NanoGpt],
                "checkpoints of a run",
                "Go on with init_from resume (or auto), choose another out_dir, or say overwrite: the newest checkpoint is kept in backups then.");
        }

        if (Others.Count > 0)
        {
            throw new RunDirectoryInUseException(Path, Others, "files that are no run's", "Choose another out_dir, or say overwrite to write beside them.");
        }
    }
}
