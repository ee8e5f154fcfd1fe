namespace Importer;

/// <summary>The place of an import is taken by something else, which is left alone.</summary>
public sealed class ImportDiffersException : PretrainedException
{
    internal ImportDiffersException(string directory, IReadOnlyList<string> differences, string remedy)
        : base($"{DisplayText.Escape(directory)} differs: {string.Join("; ", differences.Select(DisplayText.Escape))}", remedy)
    {
        Directory = directory;
        Differences = differences;
    }

    /// <summary>The directory that is there.</summary>
    public string Directory { get; }

    /// <summary>What is different, each in a few words.</summary>
    public IReadOnlyList<string> Differences { get; }
}
