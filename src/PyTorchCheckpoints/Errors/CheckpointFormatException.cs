namespace PyTorchCheckpoints;

/// <summary>A file breaks a rule of its container or of its pickle; <see cref="CheckpointException.Kind"/> says which.</summary>
public sealed class CheckpointFormatException : CheckpointException
{
    internal CheckpointFormatException(
        CheckpointErrorKind kind, string problem, string remedy, string? path, long? position, string? tensorName = null,
        Exception? inner = null)
        : base(kind, problem, remedy, path, position, tensorName, inner)
    {
    }
}
