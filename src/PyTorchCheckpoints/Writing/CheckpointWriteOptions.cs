namespace PyTorchCheckpoints;

/// <summary>How checkpoints are written.</summary>
public sealed class CheckpointWriteOptions
{
    internal static CheckpointWriteOptions Default { get; } = new();

    /// <summary>Whether an existing file is replaced, in one step, once the new one is complete. True by default.</summary>
    public bool Overwrite { get; init; } = true;

    /// <summary>
    /// Whether to wait until the file's content and its name are on the disk, so that they survive a power failure. True by default.
    /// </summary>
    public bool FlushToDisk { get; init; } = true;

    /// <summary>Whether to compute the file's SHA-256 while it is written, on a second thread. False by default.</summary>
    public bool ComputeSha256 { get; init; }
}
