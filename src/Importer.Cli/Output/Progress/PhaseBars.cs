using Spectre.Console;

namespace Importer.Cli.Output.Progress;

/// <summary>A bar for each phase of the work.</summary>
internal sealed class PhaseBars(ProgressContext context) : IProgress<PhaseProgress>
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ProgressTask> _tasks = [];

    public void Report(PhaseProgress value)
    {
        lock (_lock)
        {
            if (!_tasks.TryGetValue(value.Phase, out var task))
            {
                _tasks[value.Phase] = task = context.AddTask(value.Phase);
            }

            task.IsIndeterminate = value.Total == 0;
            task.MaxValue = Math.Max(1, value.Total);
            task.Value = Math.Max(task.Value, value.Done);
        }
    }
}
