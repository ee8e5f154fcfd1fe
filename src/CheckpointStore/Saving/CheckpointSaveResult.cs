namespace CheckpointStorage;

/// <summary>A checkpoint that was saved.</summary>
/// <param name="Checkpoint">The checkpoint: on the disk, verified.</param>
/// <param name="IsBest">Whether it has the best metric of all that are kept.</param>
/// <param name="Attempts">1, or 2 when the first was not read back as it was written.</param>
/// <param name="Timings">Where the time went.</param>
/// <param name="Removed">Ids that rotation removed.</param>
/// <param name="Warnings">
/// What did not work after the checkpoint was safe: a pointer, the removal of an old one. The next save or opening tries again.
/// </param>
public sealed record CheckpointSaveResult(
    CheckpointInfo Checkpoint, bool IsBest, int Attempts, CheckpointSaveTimings Timings, IReadOnlyList<string> Removed, IReadOnlyList<string> Warnings)
{
    /// <summary>Bytes of all files.</summary>
    public long Bytes => Checkpoint.TotalBytes;
}
