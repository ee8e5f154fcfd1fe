namespace Importer.Training.Events;

/// <summary>A panel of a plot: curves over the same updates, and the place of each value in it.</summary>
internal sealed class PlotPanel
{
    public const double Width = 960, Height = 260, Left = 84, Right = 16, Top = 34, Bottom = 34;
    private const int TickCount = 5;

    public PlotPanel(string title, IReadOnlyList<PlotCurve> curves, long firstStep, long lastStep)
    {
        Title = title;
        Curves = curves;
        (MinX, MaxX) = firstStep < lastStep ? (firstStep, lastStep) : (firstStep - 1.0, firstStep + 1.0);
        double[] values = [.. curves.SelectMany(curve => curve.Points).Select(point => point.Value)];
        double low = values.DefaultIfEmpty().Min(), high = values.DefaultIfEmpty(1).Max();
        double margin = high > low ? 0.05 * (high - low) : Math.Max(Math.Abs(high) * 0.05, 1e-12);
        (MinY, MaxY) = (low - margin, high + margin);
    }

    public string Title { get; }

    public IReadOnlyList<PlotCurve> Curves { get; }

    public double MinX { get; }

    public double MaxX { get; }

    public double MinY { get; }

    public double MaxY { get; }

    public bool IsEmpty => Curves.All(curve => curve.Points.Count == 0);

    public IEnumerable<double> XTicks => Ticks(MinX, MaxX).Where(tick => tick >= 0 && tick == Math.Floor(tick));

    public IEnumerable<double> YTicks => Ticks(MinY, MaxY);

    public double X(double step) => Left + (step - MinX) / (MaxX - MinX) * (Width - Left - Right);

    public double Y(double value) => Height - Bottom - (value - MinY) / (MaxY - MinY) * (Height - Top - Bottom);

    /// <summary>The panels of some runs.</summary>
    public static IReadOnlyList<PlotPanel> Of(IReadOnlyList<PlotRun> runs)
    {
        PlotCurve[] losses =
        [
            .. runs.Select((run, i) => new PlotCurve(i, "train, running mean", HasMarks: false, run.TrainLoss)),
            .. runs.Select((run, i) => new PlotCurve(i, "validation", HasMarks: true, run.ValidationLoss)),
        ];
        PlotCurve[] rates = [.. runs.Select((run, i) => new PlotCurve(i, "learning rate", HasMarks: false, run.LearningRate))];
        PlotCurve[] speeds = [.. runs.Select((run, i) => new PlotCurve(i, "tokens per second", HasMarks: false, run.TokensPerSecond))];
        long[] steps = [.. losses.Concat(rates).Concat(speeds).SelectMany(curve => curve.Points).Select(point => point.Step)];
        long first = steps.DefaultIfEmpty().Min(), last = steps.DefaultIfEmpty(1).Max();
        return
        [
            new PlotPanel("Loss (nats per token)", losses, first, last),
            new PlotPanel("Learning rate", rates, first, last),
            new PlotPanel("Tokens per second", speeds, first, last),
        ];
    }

    // Round numbers: 1, 2 or 5 times a power of ten apart.
    private static IEnumerable<double> Ticks(double low, double high)
    {
        double raw = (high - low) / TickCount, power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        double step = new[] { 1.0, 2, 5, 10 }.Select(factor => factor * power).First(candidate => candidate >= raw * 0.999);
        double first = Math.Ceiling(low / step);
        for (int i = 0; i <= 2 * TickCount && (first + i) * step <= high; i++)
        {
            // Not by adding up, so that 0.3 is 0.3; and no minus before zero.
            yield return (first + i) * step + 0.0;
        }
    }
}
