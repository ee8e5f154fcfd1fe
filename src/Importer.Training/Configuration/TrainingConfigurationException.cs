namespace Importer.Training;

/// <summary>Settings of a run are unknown, cannot be read, are out of range or contradict each other; all of them are named.</summary>
public sealed class TrainingConfigurationException : TrainingException
{
    internal TrainingConfigurationException(IReadOnlyList<ConfigurationProblem> problems)
        : base(
            problems is [var only]
                ? DisplayText.Escape(only.ToString())
                : $"{problems.Count} settings are wrong:\n{string.Join('\n', problems.Select(problem => DisplayText.Escape(problem.ToString())))}\n",
            "Correct the configuration, or leave a setting out for its default.")
    {
        Problems = problems;
    }

    /// <summary>Everything that was found.</summary>
    public IReadOnlyList<ConfigurationProblem> Problems { get; }

    /// <summary>The names of the settings that are wrong.</summary>
    public IReadOnlyList<string> Names => [.. Problems.Select(problem => problem.Setting).Distinct()];
}
