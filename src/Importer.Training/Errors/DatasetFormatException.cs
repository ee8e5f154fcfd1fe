namespace Importer.Training;

/// <summary>A file of tokens, or what describes it, is damaged or contradicts itself.</summary>
public sealed class DatasetFormatException : TrainingDataException
{
    internal DatasetFormatException(string path, IReadOnlyList<string> problems, string remedy, Exception? innerException = null)
        : base(path, string.Join("; ", problems.Select(DisplayText.Escape)), remedy, innerException)
    {
        Problems = problems;
    }

    /// <summary>Everything that was found.</summary>
    public IReadOnlyList<string> Problems { get; }
}
