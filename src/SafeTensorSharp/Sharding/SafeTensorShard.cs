namespace SafeTensorSharp;

/// <summary>One file of a sharded set.</summary>
public sealed class SafeTensorShard
{
    internal SafeTensorShard(string fileName, SafeTensorFile file)
    {
        FileName = fileName;
        File = file;
    }

    /// <summary>The file's name within the set's directory.</summary>
    public string FileName { get; }

    /// <summary>The open file, which the set closes.</summary>
    public SafeTensorFile File { get; }
}
