namespace PyTorchCheckpoints;

/// <summary>A checkpoint has no tensor or no value of the name that was asked for.</summary>
public sealed class CheckpointNotFoundException : CheckpointException
{
    internal CheckpointNotFoundException(string name, string problem, string remedy, string? path)
        : base(CheckpointErrorKind.NotFound, problem, remedy, path, position: null, name, inner: null)
    {
    }
}
