using System.Diagnostics;
using Importer.Conversion;
using Spectre.Console;

namespace Importer.Cli.Output;

/// <summary>
/// Shows how far an import has come: a redrawn bar with rate and time left where a person is watching, a plain line now
/// and then where a log is.
/// </summary>
internal static class ProgressDisplay
{
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(5);

    /// <summary>Runs the work and shows what it reports.</summary>
    public static Task<T> RunAsync<T>(CliConsole console, bool show, Func<IProgress<ImportProgress>?, Task<T>> work)
    {
        if (!show)
        {
            return work(null);
        }

        return console.ErrorIsTerminal ? RunLiveAsync(console, work) : work(new LineProgress(console.Error));
    }

    private static async Task<T> RunLiveAsync<T>(CliConsole console, Func<IProgress<ImportProgress>?, Task<T>> work)
    {
        var terminal = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(console.Error) });
        T? result = default;
        await terminal.Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new DownloadedColumn(), new TransferSpeedColumn(),
                new RemainingTimeColumn())
            .StartAsync(async context => result = await work(new LiveProgress(context)).ConfigureAwait(false))
            .ConfigureAwait(false);
        return result!;
    }

    private static string Describe(ImportPhase phase) => phase switch
    {
        ImportPhase.Waiting => "waiting for another import to the same place",
        ImportPhase.Checking => "checking",
        _ => "importing",
    };

    private sealed class LiveProgress(ProgressContext context) : IProgress<ImportProgress>
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<ImportPhase, ProgressTask> _tasks = [];

        public void Report(ImportProgress value)
        {
            lock (_lock)
            {
                if (!_tasks.TryGetValue(value.Phase, out var task))
                {
                    _tasks[value.Phase] = task = context.AddTask(Describe(value.Phase));
                }

                task.IsIndeterminate = value.BytesTotal == 0;
                task.MaxValue = Math.Max(1, value.BytesTotal);
                task.Value = Math.Max(task.Value, value.BytesDone);
            }
        }
    }

    private sealed class LineProgress(TextWriter error) : IProgress<ImportProgress>
    {
        private readonly Lock _lock = new();
        private readonly Stopwatch _watch = Stopwatch.StartNew();
        private ImportPhase? _phase;
        private TimeSpan _phaseBegan;
        private TimeSpan _last;

        public void Report(ImportProgress value)
        {
            lock (_lock)
            {
                var now = _watch.Elapsed;
                if (_phase != value.Phase)
                {
                    _phase = value.Phase;
                    _phaseBegan = _last = now;
                    if (value.Phase == ImportPhase.Waiting)
                    {
                        error.WriteLine(Describe(value.Phase));
                    }
                }
                else if (now - _last >= LineInterval && value.BytesTotal > 0)
                {
                    _last = now;
                    double rate = value.BytesDone / Math.Max(0.001, (now - _phaseBegan).TotalSeconds);
                    var left = TimeSpan.FromSeconds((value.BytesTotal - value.BytesDone) / Math.Max(1, rate));
                    error.WriteLine(
                        $"{Describe(value.Phase)}: {Units.Bytes(value.BytesDone)} of {Units.Bytes(value.BytesTotal)}, " +
                        $"{Units.Bytes((long)rate)}/s, {Units.Time(left)} left");
                }
            }
        }
    }
}
