namespace Importer;

/// <summary>Files of the source were written to or replaced while they were imported or exported, so what was read belongs to no one state.</summary>
public sealed class SourceChangedException : PretrainedException
{
    internal SourceChangedException(string directory, IReadOnlyList<string> files)
        : base(
            $"{DisplayText.Escape(directory)}: {string.Join(", ", files.Select(DisplayText.Escape))} changed meanwhile",
            "Nothing was written. Run it again when nobody else writes there.")
    {
        Directory = directory;
        Files = files;
    }

    /// <summary>The source.</summary>
    public string Directory { get; }

    /// <summary>The files that changed, relative to the source.</summary>
    public IReadOnlyList<string> Files { get; }
}
