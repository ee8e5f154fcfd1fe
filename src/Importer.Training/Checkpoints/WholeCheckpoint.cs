using CheckpointStorage;

namespace Importer.Training.Checkpoints;

/// <summary>Refuses a damaged checkpoint where one is used by its path.</summary>
internal static class WholeCheckpoint
{
    /// <summary>Reads every byte of a checkpoint; a directory of another name is none, and is not looked at.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="CheckpointDamagedException">It is damaged; all that is wrong is named.</exception>
    public static async Task RequireAsync(string directory, CancellationToken cancellationToken)
    {
        string path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        if (!CheckpointName.TryParse(Path.GetFileName(path), out _))
        {
            return;
        }

        using var store = CheckpointStore.OpenRead(Path.GetDirectoryName(path)!);
        var problems = await store.VerifyAsync(CheckpointStore.Identify(path), null, cancellationToken).ConfigureAwait(false);
        if (problems.Count > 0)
        {
            throw new CheckpointDamagedException(path, problems);
        }
    }
}
