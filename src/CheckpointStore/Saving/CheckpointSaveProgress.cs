namespace CheckpointStorage;

/// <summary>How far a save is.</summary>
/// <param name="Stage">What it is doing.</param>
/// <param name="File">The file it is at; null between files.</param>
/// <param name="Bytes">Bytes of this stage so far, over all files.</param>
/// <param name="TotalBytes">Bytes of this stage in all; null while that is unknown.</param>
public readonly record struct CheckpointSaveProgress(SaveStage Stage, string? File, long Bytes, long? TotalBytes);
