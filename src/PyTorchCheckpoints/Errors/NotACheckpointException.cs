namespace PyTorchCheckpoints;

/// <summary>A file is not a checkpoint of tensors but something else, which was recognised where possible.</summary>
public sealed class NotACheckpointException : CheckpointException
{
    internal NotACheckpointException(
        DetectedContent detected, string problem, string remedy, string? path, long? position = 0, Exception? inner = null)
        : base(CheckpointErrorKind.NotACheckpoint, problem, remedy, path, position, tensorName: null, inner)
    {
        Detected = detected;
    }

    /// <summary>What the file is.</summary>
    public DetectedContent Detected { get; }
}
