using System.Globalization;

namespace Importer.Training.Events;

/// <summary>A file of metrics has lines that are none, or more than its reader takes.</summary>
public sealed class MetricsFormatException : TrainingException
{
    private const int Shown = 10;

    internal MetricsFormatException(string path, IReadOnlyList<MetricsProblem> problems)
        : base($"{DisplayText.Escape(path)}: {Describe(problems)}", "Take the lines out, or move the file away; the run's checkpoints do not need it.")
    {
        Path = path;
        Problems = problems;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Everything that was found, up to a thousand lines.</summary>
    public IReadOnlyList<MetricsProblem> Problems { get; }

    private static string Describe(IReadOnlyList<MetricsProblem> problems) => string.Join("; ", problems.Take(Shown)
        .Select(problem => string.Create(CultureInfo.InvariantCulture, $"line {problem.Line} (byte {problem.Offset}): {DisplayText.Escape(problem.Message)}"))
        .Concat(problems.Count > Shown ? [string.Create(CultureInfo.InvariantCulture, $"and {problems.Count - Shown} more")] : []));
}
