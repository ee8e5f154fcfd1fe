using CheckpointStorage;

namespace Importer.Training;

/// <summary>How a run's process ended.</summary>
/// <param name="End">Why.</param>
/// <param name="Step">Updates that were made, over all processes of the run.</param>
/// <param name="Checkpoint">The newest checkpoint of the run; null where there is none.</param>
/// <param name="BestLoss">The lowest validation loss; null without an evaluation.</param>
/// <param name="LastLoss">The last update's loss; null before the first.</param>
/// <param name="Elapsed">The time of this process's updates, evaluations and saves.</param>
/// <param name="SaveTime">Of that, the time for which updates waited for saves.</param>
/// <param name="Error">What went wrong; null where nothing did.</param>
public sealed record TrainingRunResult(
    TrainingRunEnd End, long Step, CheckpointInfo? Checkpoint, double? BestLoss, double? LastLoss, TimeSpan Elapsed, TimeSpan SaveTime, Exception? Error)
{
    /// <summary>The losses of the last evaluation by set, <c>train</c> and <c>val</c>; empty without one.</summary>
    public IReadOnlyDictionary<string, double> Losses { get; init; } = new Dictionary<string, double>();

    /// <summary>
    /// Whether the same settings with <c>init_from</c> resume make further updates. A run that was stopped early ends where it is, unless
    /// <c>early_stopping_patience</c> is raised.
    /// </summary>
    public bool CanGoOn => Checkpoint is not null && End is not (TrainingRunEnd.Completed or TrainingRunEnd.Evaluated or TrainingRunEnd.EarlyStopped);
}
