using System.Diagnostics;
using HuggingFace.Hub.Client;
using Spectre.Console;

namespace Importer.Cli.Output.Progress;

/// <summary>A bar for each file that is on its way and one for all of them.</summary>
internal sealed class DownloadBars(ProgressContext context, int nameWidth) : IProgress<HubProgress>
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, FileBar> _files = [];
    private ProgressTask? _total;

    public void Report(HubProgress value)
    {
        lock (_lock)
        {
            if (!_files.TryGetValue(value.Path, out var file))
            {
                if (value.State == HubFileState.Cached)
                {
                    return; // nothing to watch
                }

                _total ??= context.AddTask("total");
                _files[value.Path] = file = new FileBar(
                    context.AddTaskBefore(Markup.Escape(Shorten(value.Path)), _total), value.FileBytes, Stopwatch.GetTimestamp());
            }

            bool done = value.State != HubFileState.Downloading;
            Show(file.Task, value.FileBytes, value.FileSize, done);
            file.Rate(value.FileBytes, value.FileSize).Set(file.Task);

            _total!.Description = $"total ({value.FilesDone} of {value.FilesTotal})";
            Show(_total, value.TotalBytes, value.TotalSize, value.FilesDone == value.FilesTotal);
            new Transfer(true, value.BytesPerSecond, value.TimeLeft).Set(_total);
        }
    }

    // Full only when the file is verified and in its place; until then the last byte is not shown as there.
    private static void Show(ProgressTask task, long bytes, long? size, bool done)
    {
        task.IsIndeterminate = size is null;
        task.MaxValue = Math.Max(1, size ?? bytes + 1);
        task.Value = done ? task.MaxValue : Math.Min(bytes, task.MaxValue - 1);
    }

    // Of model-00001-of-00003.safetensors and its directories, the beginning of the name tells one from another.
    private string Shorten(string path)
    {
        string name = path.Length <= nameWidth ? path : path[(path.LastIndexOf('/') + 1)..];
        return name.Length <= nameWidth ? name : name[..(nameWidth - 1)] + "…";
    }

    /// <summary>A file's bar and where it began, because what an earlier download left was not fetched in this moment.</summary>
    private sealed record FileBar(ProgressTask Task, long FirstBytes, long Begin)
    {
        public Transfer Rate(long bytes, long? size)
        {
            double seconds = Stopwatch.GetElapsedTime(Begin).TotalSeconds;
            double rate = seconds > 0 ? Math.Max(0, bytes - FirstBytes) / seconds : 0;
            return new Transfer(true, rate, size is { } all && rate > 1 ? TimeSpan.FromSeconds(Math.Min((all - bytes) / rate, 1e9)) : null);
        }
    }
}
