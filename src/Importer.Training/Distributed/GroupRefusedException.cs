namespace Importer.Training.Distributed;

/// <summary>Processes that were to work together disagree; every difference is named.</summary>
public sealed class GroupRefusedException : ProcessGroupException
{
    internal GroupRefusedException(string problem, IReadOnlyList<string> differences)
        : base(
            problem + string.Concat(differences.Select(difference => $"\n  {difference}")) + (differences.Count > 0 ? "\nNothing was trained" : ""),
            "Start every rank with the same version, arguments, data and token, and each with its own RANK.") =>
        Differences = differences;

    /// <summary>What differs, each with its rank and both values.</summary>
    public IReadOnlyList<string> Differences { get; }
}
