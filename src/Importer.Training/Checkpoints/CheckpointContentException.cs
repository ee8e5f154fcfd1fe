namespace Importer.Training;

/// <summary>A checkpoint's bytes are as they were saved, and are no state that this version can go on from.</summary>
public sealed class CheckpointContentException : TrainingException
{
    internal CheckpointContentException(string path, string problem, Exception? innerException = null)
        : base($"{DisplayText.Escape(path)} cannot be resumed: {problem}", "Resume with the version that wrote it, or from another checkpoint.", innerException) =>
        Path = path;

    /// <summary>The file.</summary>
    public string Path { get; }
}
