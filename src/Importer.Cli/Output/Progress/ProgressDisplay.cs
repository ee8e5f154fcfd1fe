using HuggingFace.Hub.Client;
using Spectre.Console;

namespace Importer.Cli.Output.Progress;

/// <summary>
/// Shows how far a download and an import have come: redrawn bars with rate and time left where a person is watching,
/// a plain line now and then where a log is.
/// </summary>
internal static class ProgressDisplay
{
    /// <summary>Runs the work and shows what it reports.</summary>
    public static async Task<T> RunAsync<T>(CliConsole console, bool show, Func<ProgressListeners, Task<T>> work)
    {
        if (!show)
        {
            return await work(new ProgressListeners(null, null)).ConfigureAwait(false);
        }

        bool showDownload = HubEnvironment.Process.DisableProgressBars != true;
        if (!console.ErrorIsTerminal)
        {
            return await work(new ProgressListeners(showDownload ? new DownloadLines(console.Error) : null, new ImportLines(console.Error)))
                .ConfigureAwait(false);
        }

        T? result = default;
        await AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(console.Error) }).Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new DownloadedColumn(),
                new TransferSpeedColumn(), new RemainingTimeColumn())
            .StartAsync(async context => result = await work(
                new ProgressListeners(showDownload ? new DownloadBars(context) : null, new ImportBars(context))).ConfigureAwait(false))
            .ConfigureAwait(false);
        return result!;
    }
}
