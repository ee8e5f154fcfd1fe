using System.Text.Json;
using System.Xml.Linq;
using Importer.Training.Events;
using Tests.Shared;

namespace Importer.Cli.Tests.Training;

public sealed class PlotCommandTests : IDisposable
{
    private const string Metrics = """
        {"kind":"run","event":"start","step":0,"total_steps":2,"timing":{"at":"2026-01-02T03:04:05.000Z","elapsed":0}}
        {"kind":"step","step":1,"loss":3.5,"lr":0.0006,"grad_norm":1,"epoch":0.5,"tokens":128,"timing":{"at":"2026-01-02T03:04:05.000Z","elapsed":1,"seconds":1,"tokens_per_second":128}}
        {"kind":"eval","step":1,"losses":{"train":3.4,"val":3.6},"best":true,"timing":{"at":"2026-01-02T03:04:05.000Z","elapsed":1,"seconds":1}}

        """;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private string Run(string name, string metrics = Metrics)
    {
        Directory.CreateDirectory(_directory[name]);
        File.WriteAllText(Path.Combine(_directory[name], MetricsFile.FileName), metrics.ReplaceLineEndings("\n"));
        return _directory[name];
    }

    [Fact]
    public async Task A_page_is_written_in_the_run_s_directory()
    {
        string run = Run("out");
        var outcome = await CommandLine.RunAsync("plot", run);
        Assert.Equal((ExitCode.Success, Path.Combine(run, "plot.html")), (outcome.Code, outcome.Out.Trim()));
        Assert.StartsWith("<!doctype html>", File.ReadAllText(Path.Combine(run, "plot.html")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runs_are_compared_in_a_picture_and_a_page_and_as_json()
    {
        string svg = _directory["a.svg"], html = _directory["a.HTML"];
        var outcome = await CommandLine.RunAsync("plot", Run("one"), Path.Combine(Run("two"), MetricsFile.FileName), "--out", svg, "--out", html, "--json");
        Assert.Equal(ExitCode.Success, outcome.Code);
        Assert.Equal("svg", XDocument.Load(svg).Root!.Name.LocalName);
        Assert.True(File.Exists(html));
        using var json = JsonDocument.Parse(outcome.Out);
        var runs = json.RootElement.GetProperty("runs").EnumerateArray().ToArray();
        Assert.Equal(2, runs.Length);
        Assert.Equal("[[1,3.6]]", runs[1].GetProperty("val_loss").GetRawText().Replace(" ", "", StringComparison.Ordinal).ReplaceLineEndings(""));
        Assert.Equal(2, json.RootElement.GetProperty("files").GetArrayLength());
    }

    [Fact]
    public async Task Json_alone_writes_no_file()
    {
        string run = Run("out");
        Assert.Equal(ExitCode.Success, (await CommandLine.RunAsync("plot", run, "--json")).Code);
        Assert.Single(Directory.GetFiles(run));
    }

    [Fact]
    public async Task What_is_wrong_is_told_by_an_exit_code_and_nothing_is_written()
    {
        string run = Run("out");
        var ending = await CommandLine.RunAsync("plot", run, "--out", _directory["a.png"]);
        Assert.Equal(ExitCode.Usage, ending.Code);
        Assert.Contains(".svg", ending.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.NotFound, (await CommandLine.RunAsync("plot", _directory["nowhere"])).Code);
        Directory.CreateDirectory(_directory["empty"]);
        var empty = await CommandLine.RunAsync("plot", run, _directory["empty"]);
        Assert.Equal(ExitCode.NotFound, empty.Code);
        Assert.Contains("metrics.jsonl", empty.Error, StringComparison.Ordinal);
        var broken = await CommandLine.RunAsync("plot", Run("broken", Metrics + "{\u001b\n"));
        Assert.Equal(ExitCode.Integrity, broken.Code);
        Assert.Contains("line 4", broken.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', broken.Error);
        Assert.Equal(ExitCode.Usage, (await CommandLine.RunAsync("plot")).Code);
        Assert.False(File.Exists(Path.Combine(run, "plot.html")));
    }
}
