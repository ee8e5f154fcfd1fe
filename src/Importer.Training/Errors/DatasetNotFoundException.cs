namespace Importer.Training;

/// <summary>There is no data under the name that was given.</summary>
public sealed class DatasetNotFoundException : TrainingDataException
{
    internal DatasetNotFoundException(string path, string problem, string remedy, IReadOnlyList<string>? missing = null)
        : base(path, problem, remedy)
    {
        Missing = missing ?? [];
    }

    /// <summary>The files that a data directory lacks; empty where there is none at all.</summary>
    public IReadOnlyList<string> Missing { get; }
}
