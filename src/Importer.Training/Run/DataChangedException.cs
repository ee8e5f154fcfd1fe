namespace Importer.Training;

/// <summary>The data, its tokenizer or its split is not what the run was trained on so far.</summary>
public sealed class DataChangedException : TrainingException
{
    internal DataChangedException(IReadOnlyList<string> differences)
        : base(
            "The data is not what the checkpoint was trained on:" + string.Concat(differences.Select(difference => $"\n  {difference}")) + "\nNothing was trained",
            "Give the data that it was, or say allow_data_change to go on with this.") =>
        Differences = differences;

    /// <summary>Everything that differs.</summary>
    public IReadOnlyList<string> Differences { get; }
}
