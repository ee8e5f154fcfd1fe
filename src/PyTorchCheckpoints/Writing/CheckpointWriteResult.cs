namespace PyTorchCheckpoints;

/// <summary>A checkpoint that was written.</summary>
/// <param name="Path">The file, as a full path.</param>
/// <param name="BytesWritten">Its length.</param>
/// <param name="Sha256">
/// The SHA-256 of the whole file in lower-case hexadecimal; null unless <see cref="CheckpointWriteOptions.ComputeSha256"/> was set.
/// </param>
/// <param name="StorageCount">How many storages it has: tied tensors share one.</param>
public sealed record CheckpointWriteResult(string Path, long BytesWritten, string? Sha256, int StorageCount);
