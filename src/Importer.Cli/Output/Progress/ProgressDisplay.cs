using HuggingFace.Hub.Client;
using Spectre.Console;

namespace Importer.Cli.Output.Progress;

/// <summary>
/// Shows how far a download and what follows it have come: redrawn bars with rate and time left where a person is watching,
/// a plain line now and then where a log is.
/// </summary>
internal static class ProgressDisplay
{
    // What the numbers beside name and bar take: percentage, sizes, rate and time left, each with a blank.
    private const int NumbersWidth = 5 + SizesColumn.Width + RateColumn.Width + TimeLeftColumn.Width + 4;
    private const int LongestName = 40, ShortestName = 12, LongestBar = 40, ShortestBar = 8;

    /// <summary>Runs the work and shows what it reports.</summary>
    public static async Task<T> RunAsync<T>(CliConsole console, bool show, Func<ProgressListeners, Task<T>> work, HubLog? log = null)
    {
        if (!show)
        {
            return await work(new ProgressListeners(null, null)).ConfigureAwait(false);
        }

        bool showDownload = HubEnvironment.Process.DisableProgressBars != true;
        if (!console.ErrorIsTerminal)
        {
            return await work(new ProgressListeners(showDownload ? new DownloadLines(console.Error) : null, new PhaseLines(console.Error)))
                .ConfigureAwait(false);
        }

        return await DrawAsync(
            AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(console.Error) }), showDownload, work, log).ConfigureAwait(false);
    }

    /// <summary>Runs the work and draws bars.</summary>
    internal static async Task<T> DrawAsync<T>(IAnsiConsole console, bool showDownload, Func<ProgressListeners, Task<T>> work, HubLog? log)
    {
        int room = console.Profile.Width - NumbersWidth;
        bool hasBar = room >= ShortestName + 1 + ShortestBar;
        int nameWidth = Math.Clamp(hasBar ? room * 2 / 3 : room - 1, ShortestName, LongestName);
        ProgressColumn[] columns =
        [
            new TaskDescriptionColumn { Alignment = Justify.Left },
            .. hasBar ? [new ProgressBarColumn { Width = Math.Clamp(room - nameWidth - 2, ShortestBar, LongestBar) }] : (ProgressColumn[])[],
            new PercentageColumn(), new SizesColumn(), new RateColumn(), new TimeLeftColumn(),
        ];

        // Lines of the log go above the bars; written past them they would end up in their middle.
        using var redirected = log?.WriteTo(line => console.Write(new LogLine(line)));
        T? result = default;
        await console.Progress()
            .AutoClear(true)
            .HideCompleted(true)
            .Columns(columns)
            .StartAsync(async context => result = await work(
                new ProgressListeners(showDownload ? new DownloadBars(context, nameWidth) : null, new PhaseBars(context))).ConfigureAwait(false))
            .ConfigureAwait(false);
        return result!;
    }
}
