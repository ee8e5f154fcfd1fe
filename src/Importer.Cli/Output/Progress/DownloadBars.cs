using HuggingFace.Hub.Client;
using Spectre.Console;

namespace Importer.Cli.Output.Progress;

/// <summary>A bar for each file of a download and one for all of them.</summary>
internal sealed class DownloadBars(ProgressContext context) : IProgress<HubProgress>
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ProgressTask> _files = [];
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
                _files[value.Path] = file = context.AddTaskBefore(Markup.Escape(value.Path), _total);
            }

            Show(file, value.FileBytes, value.FileSize);
            Show(_total!, value.TotalBytes, value.TotalSize);
        }
    }

    private static void Show(ProgressTask task, long bytes, long? size)
    {
        task.IsIndeterminate = size is null;
        task.MaxValue = Math.Max(1, size ?? bytes);
        task.Value = Math.Max(task.Value, bytes);
    }
}
