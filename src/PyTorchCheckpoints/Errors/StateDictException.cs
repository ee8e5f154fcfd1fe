namespace PyTorchCheckpoints;

/// <summary>A file holds no state dict, or several of which none was chosen, or what was chosen is none.</summary>
public sealed class StateDictException : CheckpointException
{
    internal StateDictException(
        CheckpointErrorKind kind, string problem, string remedy, string? path, IReadOnlyList<string> candidates)
        : base(kind, problem, remedy, path, position: null, tensorName: null, inner: null)
    {
        Candidates = [.. candidates];
    }

    /// <summary>
    /// The dictionaries of tensors that the file holds, each as a value for <see cref="CheckpointReadOptions.StateDict"/>; not escaped.
    /// </summary>
    public IReadOnlyList<string> Candidates { get; }
}
