namespace CheckpointStorage;

/// <summary>A checkpoint was written by a later version of this library.</summary>
public sealed class CheckpointFormatException : CheckpointException
{
    internal CheckpointFormatException(string directory, CheckpointProblem problem)
        : base($"The checkpoint {IO.DisplayText.Escape(directory)} cannot be read by this version: {problem}", "Use the version that wrote it, or a later one.")
        => Directory = directory;

    /// <summary>The checkpoint's directory.</summary>
    public string Directory { get; }
}
