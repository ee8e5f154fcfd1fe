using System.Diagnostics;
using HuggingFace.Hub.Client;
using Spectre.Console;

namespace Importer.Cli.Output;

/// <summary>
/// Shows how far a download has come: a bar for each file and for all of them where a person is watching, a plain line
/// now and then where a log is.
/// </summary>
internal static class DownloadDisplay
{
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(5);

    /// <summary>Runs the work and shows what it reports.</summary>
    public static async Task<T> RunAsync<T>(CliConsole console, bool show, Func<IProgress<HubProgress>?, Task<T>> work)
    {
        if (!show || HubEnvironment.Process.DisableProgressBars == true)
        {
            return await work(null).ConfigureAwait(false);
        }

        if (!console.ErrorIsTerminal)
        {
            return await work(new Lines(console.Error)).ConfigureAwait(false);
        }

        T? result = default;
        await AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(console.Error) }).Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new DownloadedColumn(),
                new TransferSpeedColumn(), new RemainingTimeColumn())
            .StartAsync(async context => result = await work(new Bars(context)).ConfigureAwait(false))
            .ConfigureAwait(false);
        return result!;
    }

    private sealed class Bars(ProgressContext context) : IProgress<HubProgress>
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<string, ProgressTask> _files = [];
        private ProgressTask? _total;

        public void Report(HubProgress value)
        {
            lock (_lock)
            {
                _total ??= context.AddTask("total");
                Show(_total, value.TotalBytes, value.TotalSize);
                if (!_files.TryGetValue(value.Path, out var file))
                {
                    if (value.State == HubFileState.Cached)
                    {
                        return; // nothing to watch
                    }

                    _files[value.Path] = file = context.AddTaskBefore(Markup.Escape(value.Path), _total);
                }

                Show(file, value.FileBytes, value.FileSize);
            }
        }

        private static void Show(ProgressTask task, long bytes, long? size)
        {
            task.IsIndeterminate = size is null;
            task.MaxValue = Math.Max(1, size ?? bytes);
            task.Value = Math.Max(task.Value, bytes);
        }
    }

    private sealed class Lines(TextWriter error) : IProgress<HubProgress>
    {
        private readonly Lock _lock = new();
        private readonly Stopwatch _watch = Stopwatch.StartNew();
        private TimeSpan _last;

        public void Report(HubProgress value)
        {
            lock (_lock)
            {
                if (value.State == HubFileState.Completed)
                {
                    error.WriteLine($"downloaded {value.Path} ({Units.Bytes(value.FileBytes)}), {value.FilesDone} of {Units.Count(value.FilesTotal, "file")}");
                }
                else if (_watch.Elapsed - _last >= LineInterval)
                {
                    _last = _watch.Elapsed;
                    string left = value.TimeLeft is { } time ? $", {Units.Time(time)} left" : "";
                    error.WriteLine($"downloading: {Units.Bytes(value.TotalBytes)} of {(value.TotalSize is { } size ? Units.Bytes(size) : "?")}, {Units.Bytes((long)value.BytesPerSecond)}/s{left}");
                }
            }
        }
    }
}
