namespace Importer.Training.Events;

/// <summary>Reads what a run has measured: <c>metrics.jsonl</c>, a line of JSON per logged update, evaluation, save and process.</summary>
/// <example>
/// <code>
/// foreach (var step in MetricsFile.Read("out").OfType&lt;StepMetrics&gt;())
/// {
///     Console.WriteLine($"{step.Step}: {step.Loss:0.0000}");
/// }
/// </code>
/// </example>
public static class MetricsFile
{
    /// <summary>Its name in a run's directory.</summary>
    public const string FileName = "metrics.jsonl";

    private const int MaxProblems = 1000;

    /// <summary>Reads all lines. A run may be writing: a last line without its end is left out, and so are kinds that are not known.</summary>
    /// <param name="path">The file, or the run's directory.</param>
    /// <param name="options">Limits; null for the defaults.</param>
    /// <returns>The lines in the file's order.</returns>
    /// <exception cref="MetricsFormatException">Lines are broken; all of them are named.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static IReadOnlyList<MetricsEntry> Read(string path, MetricsReadOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        options ??= new MetricsReadOptions();
        options.Validate();
        path = Directory.Exists(path) ? Path.Combine(path, FileName) : path;
        List<MetricsEntry> entries = [];
        List<MetricsProblem> problems = [];
        long number = 0;
        foreach (var line in MetricsLines.Read(path, 0, options.MaxLineBytes))
        {
            if (++number > options.MaxLines || problems.Count == MaxProblems)
            {
                problems.Add(new MetricsProblem(number, line.Start, number > options.MaxLines ? $"more lines than {options.MaxLines}" : "and what comes after was not read"));
                break;
            }

            if (line.Content is not { } content)
            {
                problems.Add(new MetricsProblem(number, line.Start, $"it is longer than {options.MaxLineBytes} bytes"));
                continue;
            }

            try
            {
                if (MetricsJson.Parse(content) is { } entry)
                {
                    entries.Add(entry);
                }
            }
            catch (FormatException e)
            {
                problems.Add(new MetricsProblem(number, line.Start, e.Message));
            }
        }

        return problems.Count == 0 ? entries : throw new MetricsFormatException(path, problems);
    }
}
