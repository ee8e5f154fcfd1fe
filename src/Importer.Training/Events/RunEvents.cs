using System.Text.Json;

namespace Importer.Training.Events;

/// <summary>What watches a run: the files that it writes by itself, then what its caller gave.</summary>
internal sealed class RunEvents : IDisposable
{
    private readonly MetricsObserver? _metrics;
    private readonly TensorBoardObserver? _tensorBoard;

    public RunEvents(TrainingOptions options, TrainingRunOptions run)
    {
        // An evaluation is no part of the run: what comes after its checkpoint stays.
        if (options is { Metrics: true, EvalOnly: false })
        {
            _metrics = new MetricsObserver(options.OutDir, run.Log, run.TimeProvider);
        }

        if (options is { Tensorboard: true, EvalOnly: false })
        {
            _tensorBoard = new TensorBoardObserver(options.OutDir, run.Log, run.TimeProvider);
        }

        // Nor of the files of the caller's observers.
        var given = run.Observers.Where(observer => !(options.EvalOnly && observer is IResumableObserver));
        Observers = [.. new ITrainingObserver?[] { _metrics, _tensorBoard }.OfType<ITrainingObserver>(), .. given];
    }

    /// <summary>All of them, in order.</summary>
    public IReadOnlyList<ITrainingObserver> Observers { get; }

    /// <summary>Says why the process ended.</summary>
    public void EndedBy(TrainingRunEnd end) => _metrics?.EndedBy(JsonNamingPolicy.SnakeCaseLower.ConvertName(end.ToString()));

    public void Dispose()
    {
        _metrics?.Dispose();
        _tensorBoard?.Dispose();
    }
}
