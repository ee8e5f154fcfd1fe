using CheckpointStorage;

namespace Importer.Sources;

/// <summary>The model in a training run's directory: its newest checkpoint whose every byte is what was saved.</summary>
internal static class RunCheckpoints
{
    // Named by id in files of these names.
    private static readonly string[] Pointers = ["latest", "best"];

    // Twice the size of the weights, and no part of the model.
    public const string OptimizerName = "optimizer.safetensors";

    /// <summary>Finds the checkpoint.</summary>
    /// <param name="path">A run's directory, or <c>latest</c> or <c>best</c> in one.</param>
    /// <param name="cancellationToken">Stops the reading, which is of every byte of the weights.</param>
    /// <returns>The checkpoint's directory; null for what is no run's directory.</returns>
    /// <exception cref="ModelNotFoundException">It has no checkpoint yet, or all that it has are damaged.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static string? Locate(string path, CancellationToken cancellationToken)
    {
        string name = Path.GetFileName(path);
        if (Pointers.Contains(name) && File.Exists(path) && Path.GetDirectoryName(Path.GetFullPath(path)) is { } parent)
        {
            using var run = CheckpointStore.OpenRead(parent);
            return run.List().Count == 0 ? null : run.Resolve(name) is var found && IsWhole(run, found, cancellationToken) ? found.Directory : throw Damaged(path);
        }

        if (!Directory.Exists(path) || File.Exists(Path.Combine(path, "config.json")))
        {
            return null;
        }

        using var store = CheckpointStore.OpenRead(path);
        IReadOnlyList<CheckpointInfo> all;
        try
        {
            all = store.List();
        }
        catch (CheckpointIOException)
        {
            return null; // who opens it as a model says what hinders
        }

        if (all.Count == 0)
        {
            return IsBegunRun(path) ? throw NothingSaved(path) : null;
        }

        return all.FirstOrDefault(checkpoint => IsWhole(store, checkpoint, cancellationToken))?.Directory ?? throw Damaged(path);
    }

    // Its metrics, and nothing that a model could be in.
    private static bool IsBegunRun(string path) =>
        File.Exists(Path.Combine(path, "metrics.jsonl")) &&
        !Directory.EnumerateFiles(path).Any(file => Path.GetExtension(file) is ".safetensors" or ".bin" or ".pt" or ".pth" or ".json");

    private static bool IsWhole(CheckpointStore store, CheckpointInfo checkpoint, CancellationToken cancellationToken)
    {
        if (checkpoint.Problem is not null)
        {
            return false;
        }

        byte[] buffer = new byte[1 << 20];
        try
        {
            foreach (var file in checkpoint.Files.Where(file => file.Name != OptimizerName))
            {
                using var stream = store.OpenFile(checkpoint, file.Name);
                do
                {
                    cancellationToken.ThrowIfCancellationRequested();
                }
                while (stream.Read(buffer) > 0);
            }

            return true;
        }
        catch (CheckpointDamagedException)
        {
            return false;
        }
    }

    private static ModelNotFoundException NothingSaved(string path) => new(
        path, $"{path} is a training run's directory, and nothing is saved in it yet.", "Let import-weights train come to its first checkpoint; save_at_start makes one before the first update.");

    private static ModelNotFoundException Damaged(string path) => new(
        path, $"{path} is a training run's directory, and its checkpoints are damaged.", "Run import-weights checkpoints verify to see what is wrong; its backups may be whole.");
}
