using Importer.Tests.Inspection.Browser;
using Importer.Training.Events;
using Tests.Shared;

namespace Importer.Training.Tests.Events;

/// <summary>The page as a person has it before them.</summary>
public sealed class PlotInBrowserTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [SkippableFact]
    public async Task Values_are_read_with_the_keyboard_and_hostile_names_are_text()
    {
        var timing = new MetricsTiming(DateTimeOffset.UnixEpoch, 1, 1, 128);
        string[] runs = [_directory["one"], _directory["<img src=x onerror=window.harmed=1>"]];
        foreach (string run in runs)
        {
            Directory.CreateDirectory(run);
            File.WriteAllBytes(Path.Combine(run, MetricsFile.FileName), [.. Enumerable.Range(1, 20).SelectMany(i => MetricsJson.ToUtf8(new StepMetrics(i, 2, 1e-3, 1, 0, i, timing)))]);
        }

        string page = _directory["plot.html"];
        MetricsPlot.Open(runs).WriteHtml(page);
        await using var browser = await HeadlessBrowser.OpenAsync(page);

        await browser.EvaluateAsync("document.querySelector('svg[data-panel]').focus()");
        await browser.PressAsync("ArrowLeft");
        string? shown = (string?)await browser.EvaluateAsync("document.querySelector('figcaption').textContent");
        Assert.StartsWith("update 19: ", shown, StringComparison.Ordinal);
        Assert.Contains("running mean 2", shown, StringComparison.Ordinal);
        Assert.Equal("undefined", (string?)await browser.EvaluateAsync("typeof window.harmed"));
        Assert.Equal(0, (int)(await browser.EvaluateAsync("document.querySelectorAll('img').length"))!);
        Assert.Empty(browser.Complaints);
        Assert.All(browser.Requests, request => Assert.True(request == new Uri(page).AbsoluteUri || request == "data:,", request));
    }
}
