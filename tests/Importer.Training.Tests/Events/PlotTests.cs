using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Importer.Training.Events;
using Tests.Shared;

namespace Importer.Training.Tests.Events;

public sealed partial class PlotTests : IDisposable
{
    private static readonly MetricsTiming Timing = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), 1.5, 0.25, 100);
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private string Run(string name, params IEnumerable<MetricsEntry> entries)
    {
        string run = _directory[name];
        Directory.CreateDirectory(run);
        File.WriteAllBytes(Path.Combine(run, MetricsFile.FileName), [.. entries.SelectMany(MetricsJson.ToUtf8)]);
        return run;
    }

    private static StepMetrics Step(long step, double loss) => new(step, loss, 6e-4, 1, 0.5, step * 10, Timing);

    private static EvaluationMetrics Evaluation(long step, double loss) => new(step, [("train", 1), ("val", loss)], true, Timing);

    private (XDocument Svg, string Html) Draw(params string[] runs)
    {
        var plot = MetricsPlot.Open(runs);
        plot.WriteSvg(_directory["plot.svg"]);
        plot.WriteHtml(_directory["plot.html"]);
        return (XDocument.Load(_directory["plot.svg"]), File.ReadAllText(_directory["plot.html"]));
    }

    [Fact]
    public void The_loss_is_a_running_mean_and_evaluations_are_points()
    {
        string run = Run("run", [Evaluation(0, 4), Step(1, 3), Step(2, 2), Step(3, double.NaN), Step(4, 1), Evaluation(4, 2.5)]);
        var drawn = Assert.Single(MetricsPlot.Open([run]).Runs);
        Assert.Equal([1, 2, 4], drawn.TrainLoss.Select(point => point.Step));
        // Weights 0.1 and 0.9, over their sum.
        Assert.Equal([3, (2 + 0.9 * 3) / 1.9, (1 + 0.9 * 2 + 0.81 * 3) / 2.71], drawn.TrainLoss.Select(point => point.Value), (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal([new(0, 4), new(4, 2.5)], drawn.ValidationLoss);
        Assert.Equal(1, drawn.NotFinite);

        var (svg, html) = Draw(run);
        Assert.Equal(4, svg.Descendants().Count(element => element.Name.LocalName == "path" && ((string?)element.Attribute("class"))!.StartsWith("curve", StringComparison.Ordinal)) - 1);
        Assert.Equal(2, svg.Descendants().Count(element => element.Name.LocalName == "circle"));
        Assert.Contains("lowest validation loss 2.5", svg.Root!.Elements().First(element => element.Name.LocalName == "desc").Value, StringComparison.Ordinal);
        Assert.Contains("<td>2.5</td><td>4</td>", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Runs_lie_over_each_other_in_their_own_colours()
    {
        var (svg, _) = Draw(Run("a", [Step(1, 3), Step(2, 2)]), Run("b", [Step(1, 4), Step(5, 1)]));
        string[] classes = [.. svg.Descendants().Select(element => (string?)element.Attribute("class")).OfType<string>()];
        // A legend and three curves each.
        Assert.Equal(4, classes.Count(name => name == "curve r0"));
        Assert.Equal(4, classes.Count(name => name == "curve r1"));
        Assert.Contains(svg.Descendants(), element => element.Name.LocalName == "text" && element.Value.EndsWith("/b", StringComparison.Ordinal));
    }

    public static TheoryData<string, double[]> Odd => new()
    {
        { "nothing", [] },
        { "one", [2] },
        { "no numbers", [double.NaN, double.PositiveInfinity] },
        { "all the same", [2, 2, 2] },
        { "zero", [0, 0] },
        { "huge", [1e29, -1e29, double.MaxValue] },
        { "tiny", [1e-300, 2e-300] },
        { "close", [1, 1 + 1e-15] },
    };

    [Theory]
    [MemberData(nameof(Odd))]
    public void Whatever_was_measured_every_place_is_a_number_inside_the_picture(string name, double[] losses)
    {
        string run = Run(name, losses.Select((loss, i) => (MetricsEntry)Step(i + 1, loss)));
        var (svg, html) = Draw(run);
        foreach (string text in new[] { svg.ToString(), html })
        {
            Assert.DoesNotContain("NaN", text, StringComparison.Ordinal);
            Assert.DoesNotContain("Infinity", text, StringComparison.Ordinal);
            Assert.DoesNotContain("∞", text, StringComparison.Ordinal);
        }

        foreach (var path in svg.Descendants().Where(element => ((string?)element.Attribute("class"))?.StartsWith("curve r0", StringComparison.Ordinal) == true))
        {
            foreach (Match place in Place().Matches((string)path.Attribute("d")!))
            {
                Assert.InRange(double.Parse(place.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture), 0, 960);
                Assert.InRange(double.Parse(place.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture), 0, 260);
            }
        }

        Assert.NotEmpty(MetricsPlot.Open([run]).ToJson().ToJsonString());
    }

    [Fact]
    public void Long_runs_are_thinned_and_keep_their_ends()
    {
        string run = Run("long", Enumerable.Range(1, 25_000).Select(i => (MetricsEntry)Step(i, 1000.0 / i)));
        var drawn = MetricsPlot.Open([run]).Runs[0];
        Assert.InRange(drawn.LearningRate.Count, 900, 1000);
        Assert.Equal((1, 25_000), (drawn.TrainLoss[0].Step, drawn.TrainLoss[^1].Step));
        Assert.Equal(drawn.TrainLoss.OrderBy(point => point.Step), drawn.TrainLoss);
        var (_, html) = Draw(run);
        Assert.InRange(html.Length, 1, 300_000);
    }

    [Fact]
    public void Hostile_names_are_text_and_only_the_page_s_own_script_may_run()
    {
        string[] runs =
        [
            Run("<script>alert(1)<", [Step(1, 2)]), Run("\" onload=\"x", [Step(1, 2)]), Run("a\u202eb\u0007&amp;]]>", [Step(1, 2)]), Run(new string('n', 200), [Step(1, 2)]),
            Run("\uffff\ufffe", [Step(1, 2)]),
        ];
        var (svg, html) = Draw(runs);
        Assert.DoesNotContain(svg.Descendants(), element => element.Name.LocalName == "script" || element.Attributes().Any(attribute => attribute.Name.LocalName.StartsWith("on", StringComparison.Ordinal)));
        Assert.Equal(2, Script().Count(html));
        Assert.DoesNotContain("alert(1)<", html, StringComparison.Ordinal);
        Assert.DoesNotContain('\u202e', html);
        Assert.DoesNotContain('\u0007', html);
        Assert.DoesNotContain("://", html, StringComparison.Ordinal);
        string hash = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(html[(html.LastIndexOf("<script>", StringComparison.Ordinal) + 8)..html.LastIndexOf("</script>", StringComparison.Ordinal)])));
        Assert.Contains($"script-src 'sha256-{hash}'", html, StringComparison.Ordinal);
        using var data = JsonDocument.Parse(html[(html.IndexOf("id=\"data\">", StringComparison.Ordinal) + 10)..html.IndexOf("</script>", StringComparison.Ordinal)]);
        Assert.Equal(3, data.RootElement.GetProperty("panels").GetArrayLength());
    }

    [Fact]
    public void A_picture_that_cannot_be_written_leaves_the_old_one()
    {
        var plot = MetricsPlot.Open([Run("run", [Step(1, 2)])]);
        string place = _directory["taken"];
        Directory.CreateDirectory(place);
        Assert.ThrowsAny<Exception>(() => plot.WriteSvg(place));
        Assert.Empty(Directory.GetFiles(_directory.Path, "*.tmp", new EnumerationOptions { AttributesToSkip = 0 }));
        Assert.Throws<FileNotFoundException>(() => MetricsPlot.Open([place]));
        Assert.Throws<ArgumentException>(() => MetricsPlot.Open([]));
    }

    [GeneratedRegex("[ML]([-0-9.e+]+) ([-0-9.e+]+)")]
    private static partial Regex Place();

    [GeneratedRegex("<script")]
    private static partial Regex Script();
}
