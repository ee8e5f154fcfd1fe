namespace Importer.Training.Events;

/// <summary>A run's curves. Values that are no numbers, or beyond what can be drawn, are left out.</summary>
public sealed class PlotRun
{
    // A curve with more points than pixels is drawn as means.
    private const int MaxPoints = 1000;
    private const double Largest = 1e30;

    private PlotRun(string name) => Name = name;

    /// <summary>What the run is called: its path as it was given.</summary>
    public string Name { get; }

    /// <summary>The running mean of the updates' losses, the newest of which weighs a tenth.</summary>
    public IReadOnlyList<PlotPoint> TrainLoss { get; private init; } = [];

    /// <summary>The losses of the last evaluated set.</summary>
    public IReadOnlyList<PlotPoint> ValidationLoss { get; private init; } = [];

    /// <summary>The learning rate.</summary>
    public IReadOnlyList<PlotPoint> LearningRate { get; private init; } = [];

    /// <summary>Tokens per second.</summary>
    public IReadOnlyList<PlotPoint> TokensPerSecond { get; private init; } = [];

    /// <summary>Updates that were made; 0 where none was logged.</summary>
    public long LastStep { get; private init; }

    /// <summary>Logged updates whose loss is no number.</summary>
    public int NotFinite { get; private init; }

    internal static PlotRun From(string name, IReadOnlyList<MetricsEntry> entries)
    {
        StepMetrics[] steps = [.. entries.OfType<StepMetrics>()];
        var evaluations = entries.OfType<EvaluationMetrics>();
        return new PlotRun(name)
        {
            TrainLoss = Thin(Smooth(steps)),
            ValidationLoss = Thin(evaluations.Select(evaluation => new PlotPoint(evaluation.Step, evaluation.Losses[^1].Loss))),
            LearningRate = Thin(steps.Select(step => new PlotPoint(step.Step, step.LearningRate))),
            TokensPerSecond = Thin(steps.Select(step => new PlotPoint(step.Step, step.Timing.TokensPerSecond ?? double.NaN))),
            LastStep = entries.Select(entry => entry.Step).DefaultIfEmpty().Max(),
            NotFinite = steps.Count(step => !double.IsFinite(step.Loss)),
        };
    }

    private static IEnumerable<PlotPoint> Smooth(IEnumerable<StepMetrics> steps)
    {
        double mean = 0, weight = 0;
        foreach (var step in steps.Where(step => IsDrawable(step.Loss)))
        {
            mean = 0.9 * mean + 0.1 * step.Loss;
            weight = 0.9 * weight + 0.1;
            yield return new PlotPoint(step.Step, mean / weight);
        }
    }

    private static PlotPoint[] Thin(IEnumerable<PlotPoint> curve)
    {
        PlotPoint[] points = [.. curve.Where(point => IsDrawable(point.Value))];
        if (points.Length <= MaxPoints)
        {
            return points;
        }

        // The ends stay what they are: the last value is what people read.
        int size = (points.Length + MaxPoints - 3) / (MaxPoints - 2);
        return [points[0], .. points[1..^1].Chunk(size).Select(part => new PlotPoint(part[part.Length / 2].Step, part.Average(point => point.Value))), points[^1]];
    }

    private static bool IsDrawable(double value) => double.IsFinite(value) && Math.Abs(value) <= Largest;
}
