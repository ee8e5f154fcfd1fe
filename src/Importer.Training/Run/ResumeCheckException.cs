namespace Importer.Training;

/// <summary>A run that was resumed is not what was saved: its loss on a fixed batch is another one, or, where that is asked for, its environment.</summary>
public sealed class ResumeCheckException : TrainingException
{
    internal ResumeCheckException(string problem, IReadOnlyList<string> differences, string remedy)
        : base(problem + string.Concat(differences.Select(difference => $"\n  {difference}")) + (differences.Count > 0 ? "\nNothing was trained" : ""), remedy) =>
        Differences = differences;

    /// <summary>What differs in the environment.</summary>
    public IReadOnlyList<string> Differences { get; }
}
