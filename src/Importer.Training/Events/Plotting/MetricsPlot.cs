using System.Text;
using System.Text.Json.Nodes;
using SharedSource.IO;

namespace Importer.Training.Events;

/// <summary>Draws what runs have measured: loss, learning rate and speed, several runs over each other.</summary>
/// <example><code>MetricsPlot.Open(["out", "out-other"]).WriteHtml("comparison.html");</code></example>
public sealed class MetricsPlot
{
    private MetricsPlot(IReadOnlyList<PlotRun> runs) => Runs = runs;

    /// <summary>The runs, in the order in which they were given.</summary>
    public IReadOnlyList<PlotRun> Runs { get; }

    /// <summary>Reads the metrics of runs; one that is going on may be among them.</summary>
    /// <param name="runs">Directories of runs, or their <c>metrics.jsonl</c>.</param>
    /// <param name="options">Limits of the files; null for the defaults.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    /// <exception cref="MetricsFormatException">A file is broken.</exception>
    /// <exception cref="FileNotFoundException">A run has no metrics.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static MetricsPlot Open(IReadOnlyList<string> runs, MetricsReadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(runs);
        return runs.Count > 0
            ? new MetricsPlot([.. runs.Select(run => PlotRun.From(run, MetricsFile.Read(run, options)))])
            : throw new ArgumentException("There is no run to draw.", nameof(runs));
    }

    /// <summary>Writes a picture without scripts, light or dark as its reader prefers; it appears whole or not at all.</summary>
    /// <param name="path">The file, replaced where it is there.</param>
    /// <exception cref="IOException">It cannot be written; what was there is there still.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public void WriteSvg(string path) => Write(path, SvgPlot.Document(Runs, PlotPanel.Of(Runs)));

    /// <summary>Writes a page that needs nothing beside itself and shows values under the pointer; it appears whole or not at all.</summary>
    /// <inheritdoc cref="WriteSvg"/>
    public void WriteHtml(string path) => Write(path, HtmlPlot.Document(Runs, PlotPanel.Of(Runs)));

    /// <summary>The curves: per run <c>train_loss</c>, <c>val_loss</c>, <c>lr</c> and <c>tokens_per_second</c>, each a list of [step, value].</summary>
    public JsonObject ToJson() => new()
    {
        ["runs"] = new JsonArray([.. Runs.Select(run => new JsonObject
        {
            ["run"] = run.Name,
            ["last_step"] = run.LastStep,
            ["not_finite"] = run.NotFinite,
            ["train_loss"] = Json(run.TrainLoss),
            ["val_loss"] = Json(run.ValidationLoss),
            ["lr"] = Json(run.LearningRate),
            ["tokens_per_second"] = Json(run.TokensPerSecond),
        })]),
    };

    private static JsonArray Json(IReadOnlyList<PlotPoint> points) => [.. points.Select(point => new JsonArray(point.Step, point.Value))];

    private static void Write(string path, string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));
    }
}
