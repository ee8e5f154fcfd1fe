namespace Importer;

/// <summary>The checkpoint is there, but in a container or of a kind that is not read.</summary>
public sealed class UnsupportedCheckpointException : PretrainedException
{
    internal UnsupportedCheckpointException(string path, string problem, string remedy)
        : base($"{DisplayText.Escape(path)}: {problem}", remedy)
    {
        Path = path;
    }

    /// <summary>The file or directory in question.</summary>
    public string Path { get; }
}
