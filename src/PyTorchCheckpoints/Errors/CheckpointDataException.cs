namespace PyTorchCheckpoints;

/// <summary>
/// The checkpoint was opened, but bytes could not be delivered: the file was cut or changed, or they are not what the checksum or the
/// dtype allow. What the destination holds afterwards is undefined.
/// </summary>
public sealed class CheckpointDataException : CheckpointException
{
    internal CheckpointDataException(
        CheckpointErrorKind kind, string problem, string remedy, string? path, long? position, string? tensorName = null)
        : base(kind, problem, remedy, path, position, tensorName, inner: null)
    {
    }
}
