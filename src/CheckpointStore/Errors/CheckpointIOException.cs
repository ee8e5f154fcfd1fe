namespace CheckpointStorage;

/// <summary>The file system refuses an operation on a store other than saving.</summary>
public sealed class CheckpointIOException : CheckpointException
{
    internal CheckpointIOException(string path, string operation, Exception innerException)
        : base(
            $"{IO.DisplayText.Escape(path)}: could not {operation}: {IO.DisplayText.Clause(innerException.Message)}",
            innerException is UnauthorizedAccessException ? "Allow this user to, and try again." : "Check the disk and the path, and try again.",
            innerException)
        => Path = path;

    /// <summary>What it is about.</summary>
    public string Path { get; }
}
