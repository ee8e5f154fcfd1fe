using HuggingFace.Hub.Client;
using Importer.Cli.Output;
using Importer.Cli.Output.Progress;
using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace Importer.Cli.Tests.Hub;

/// <summary>The bars, as a terminal would get them.</summary>
public sealed class ProgressDisplayTests
{
    private const string Escape = "\u001b";

    [Theory]
    [InlineData(50)]
    [InlineData(64)]
    [InlineData(80)]
    [InlineData(200)]
    public async Task Every_file_and_the_total_have_one_line_whatever_the_width(int width)
    {
        string[] lines = await DrawAsync(width, progress =>
        {
            progress.Report(Step("model-00001-of-00003.safetensors", 5_000_000, 40_000_000));
            progress.Report(Step("a/very/long/path/to/model-00002-of-00003.safetensors", 20_500_000, 40_000_000));
        });

        Assert.All(lines, line => Assert.InRange(line.Length, 0, width));
        Assert.Contains(lines, line => line.Contains("model-00001", StringComparison.Ordinal) && line.Contains("5.0 MB/40.0 MB", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("model-00002", StringComparison.Ordinal) && line.Contains("20.5 MB/40.0 MB", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("total (1 o", StringComparison.Ordinal)
            && line.Contains("25.5 MB/120.0 MB", StringComparison.Ordinal) && line.Contains("2.0 MB/s", StringComparison.Ordinal) && line.Contains("0:47", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_an_earlier_download_left_is_no_rate()
    {
        string[] lines = await DrawAsync(100, progress => progress.Report(Step("model.safetensors", 39_000_000, 40_000_000)));

        string line = Assert.Single(lines.Where(line => line.StartsWith("model.safetensors", StringComparison.Ordinal)).Distinct());
        Assert.DoesNotContain("/s", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_is_full_only_when_it_is_verified()
    {
        string[] lines = await DrawAsync(100, progress => progress.Report(Step("model.safetensors", 40_000_000, 40_000_000)));

        Assert.All(lines, line => Assert.DoesNotContain("100%", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Lines_of_the_log_stand_above_the_bars()
    {
        using var error = new StringWriter();
        using var log = new HubLog(error, show: true);

        string[] lines = await DrawAsync(
            100,
            progress =>
            {
                progress.Report(Step("model.safetensors", 1, 40_000_000));
                Warn(log, "The hub [is] slow");
            },
            log);

        Assert.Contains("<erase>warning: The hub [is] slow", lines);
        Assert.Equal("", error.ToString());
        Warn(log, "later");
        Assert.Equal("warning: later\n", error.ToString());
    }

    private static void Warn(HubLog log, string text) => log.Log(LogLevel.Warning, default, text, null, (state, _) => state);

    private static HubProgress Step(string path, long bytes, long size) => new()
    {
        Path = path,
        State = HubFileState.Downloading,
        FileBytes = bytes,
        FileSize = size,
        TotalBytes = 25_500_000,
        TotalSize = 120_000_000,
        ReceivedBytes = 25_500_000,
        FilesDone = 1,
        FilesTotal = 3,
        BytesPerSecond = 2_000_000,
    };

    private static async Task<string[]> DrawAsync(int width, Action<IProgress<HubProgress>> work, HubLog? log = null)
    {
        using var screen = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            Interactive = InteractionSupport.Yes,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(screen),
        });
        console.Profile.Width = width;
        await ProgressDisplay.DrawAsync(
            console,
            showDownload: true,
            listeners =>
            {
                work(listeners.Download!);
                return Task.FromResult(0);
            },
            log);

        // Without what moves the cursor; what stays are the lines that were drawn.
        string text = System.Text.RegularExpressions.Regex.Replace(screen.ToString().Replace(Escape + "[0J", "<erase>", StringComparison.Ordinal), Escape + @"\[[0-9;?]*[A-Za-z]", "");
        return [.. text.Split(['\n', '\r'], StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd()).Where(line => line.Length > 0)];
    }
}
