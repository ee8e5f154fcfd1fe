namespace CheckpointStorage;

/// <summary>What a store will need of its disk.</summary>
/// <param name="RequiredBytes">Bytes that must be free, beyond what its checkpoints take already.</param>
/// <param name="AvailableBytes">Bytes that are free; null where the file system does not say.</param>
/// <param name="Checkpoints">How many checkpoints may be there at once.</param>
public sealed record DiskSpaceReport(long RequiredBytes, long? AvailableBytes, int Checkpoints)
{
    /// <summary>Whether it fits; true where the file system does not say.</summary>
    public bool IsEnough => AvailableBytes is not { } available || available >= RequiredBytes;
}
