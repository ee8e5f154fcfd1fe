namespace PyTorchCheckpoints;

/// <summary>
/// A pickle names a class or a function that a checkpoint of tensors has no need of. Python would have imported and perhaps called it;
/// here it is only a name, and nothing was looked up.
/// </summary>
public sealed class ForbiddenGlobalException : CheckpointException
{
    internal ForbiddenGlobalException(string globalName, string problem, string remedy, string? path, long? position)
        : base(CheckpointErrorKind.ForbiddenGlobal, problem, remedy, path, position, tensorName: null, inner: null)
    {
        GlobalName = globalName;
    }

    /// <summary>Module and name, joined by a dot, as in the file, not escaped: <c>os.system</c>.</summary>
    public string GlobalName { get; }
}
