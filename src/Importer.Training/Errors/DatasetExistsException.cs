namespace Importer.Training;

/// <summary>The place of prepared data is taken by something else, which is left alone.</summary>
public sealed class DatasetExistsException : TrainingDataException
{
    internal DatasetExistsException(string path, IReadOnlyList<string> differences, string remedy)
        : base(path, string.Join("; ", differences.Select(DisplayText.Escape)), remedy)
    {
        Differences = differences;
    }

    /// <summary>What is different, each in a few words.</summary>
    public IReadOnlyList<string> Differences { get; }
}
