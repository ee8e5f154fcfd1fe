namespace Importer.Training;

/// <summary>A run that begins anew was to write into a directory that holds something already. Nothing was changed.</summary>
public sealed class RunDirectoryInUseException : TrainingException
{
    internal RunDirectoryInUseException(string directory, IReadOnlyList<string> found, string what, string remedy)
        : base($"{DisplayText.Escape(directory)} holds {what}: {string.Join(", ", found.Take(5).Select(DisplayText.Escape))}{(found.Count > 5 ? $" and {found.Count - 5} more" : "")}", remedy)
    {
        Directory = directory;
        Found = found;
    }

    // A file where the directory is to be.
    internal RunDirectoryInUseException(string file)
        : base($"{DisplayText.Escape(file)} is a file, and the run needs a directory", "Choose another out_dir.")
    {
        Directory = file;
        Found = [Path.GetFileName(file)];
    }

    /// <summary>The directory.</summary>
    public string Directory { get; }

    /// <summary>What is in it.</summary>
    public IReadOnlyList<string> Found { get; }
}
