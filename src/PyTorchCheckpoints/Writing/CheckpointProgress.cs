namespace PyTorchCheckpoints;

/// <summary>How far a write has come.</summary>
/// <param name="BytesWritten">The bytes written so far.</param>
/// <param name="TotalBytes">The bytes that there will be.</param>
public readonly record struct CheckpointProgress(long BytesWritten, long TotalBytes);
