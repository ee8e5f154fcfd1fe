namespace CheckpointStorage;

/// <summary>There are checkpoints, and none of them may be used. This is never taken for an empty directory.</summary>
public sealed class AllCheckpointsDamagedException : CheckpointException
{
    internal AllCheckpointsDamagedException(string directory, IReadOnlyList<DamagedCheckpoint> damaged, int backups)
        : base(
            $"{IO.DisplayText.Escape(directory)}: all {damaged.Count} checkpoints are damaged:{Lines(damaged.Select(checkpoint => checkpoint.ToString()))}\n"
            + "Nothing was changed",
            (backups > 0 ? $"There are {backups} backups under {IO.StoreNames.Backups}/: resume from the path of one" : "Bring back a copy of one")
            + ", or name another directory to begin anew.")
    {
        Directory = directory;
        Damaged = damaged;
    }

    /// <summary>The store's directory.</summary>
    public string Directory { get; }

    /// <summary>The checkpoints, newest first, with what is wrong with each.</summary>
    public IReadOnlyList<DamagedCheckpoint> Damaged { get; }
}
