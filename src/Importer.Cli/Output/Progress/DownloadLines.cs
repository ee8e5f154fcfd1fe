using System.Diagnostics;
using HuggingFace.Hub.Client;

namespace Importer.Cli.Output.Progress;

/// <summary>A line for each file that a download has finished, and one now and then in between.</summary>
internal sealed class DownloadLines(TextWriter error) : IProgress<HubProgress>
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
            else if (value.State != HubFileState.Cached && _watch.Elapsed - _last >= Interval.OfLines)
            {
                _last = _watch.Elapsed;
                string size = value.TotalSize is { } total ? Units.Bytes(total) : "?";
                string left = value.TimeLeft is { } time ? $", {Units.Time(time)} left" : "";
                error.WriteLine($"downloading: {Units.Bytes(value.TotalBytes)} of {size}, {Units.Bytes((long)value.BytesPerSecond)}/s{left}");
            }
        }
    }
}
