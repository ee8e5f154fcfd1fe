using Importer.Inspection;
using Spectre.Console;

namespace Importer.Cli.Output.Progress;

/// <summary>A bar for each phase of looking at data.</summary>
internal sealed class InspectionBars(ProgressContext context) : IProgress<InspectionProgress>
{
    private readonly Lock _lock = new();
    private readonly Dictionary<InspectionPhase, ProgressTask> _tasks = [];

    public void Report(InspectionProgress value)
    {
        lock (_lock)
        {
            if (!_tasks.TryGetValue(value.Phase, out var task))
            {
                _tasks[value.Phase] = task = context.AddTask(PhaseText.Of(value.Phase));
            }

            task.IsIndeterminate = value.BytesTotal == 0;
            task.MaxValue = Math.Max(1, value.BytesTotal);
            task.Value = Math.Max(task.Value, value.BytesDone);
        }
    }
}
