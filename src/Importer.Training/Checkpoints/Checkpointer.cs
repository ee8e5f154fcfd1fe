namespace Importer.Training.Checkpoints;

/// <summary>
/// Decides when a run is saved, and saves it. The last of a run's observers, so that what the others wrote of a step is in the
/// checkpoint of that step.
/// </summary>
/// <remarks>Where an update is evaluated, its checkpoint waits for that, so that it has the loss.</remarks>
internal sealed class Checkpointer : ITrainingObserver
{
    // Shorter epochs are not worth a checkpoint each.
    private const int LeastEpochSteps = 10;

    private readonly TrainingOptions _options;
    private readonly SaveSchedule _schedule;
    private readonly CheckpointWriter _writer;
    private readonly TimeProvider _time;
    private long _timer;
    private string? _due;
    private double _lastEpoch;

    /// <param name="options">The triggers.</param>
    /// <param name="totalSteps">The run's length.</param>
    /// <param name="writer">Saves.</param>
    /// <param name="time">The clock of <see cref="TrainingOptions.SaveEveryMinutes"/>.</param>
    public Checkpointer(TrainingOptions options, long totalSteps, CheckpointWriter writer, TimeProvider time)
    {
        _options = options;
        _schedule = SaveSchedule.For(options, totalSteps);
        _writer = writer;
        _time = time;
    }

    public void Started(Trainer trainer)
    {
        _timer = _time.GetTimestamp();
        _lastEpoch = trainer.Epoch;
        bool isWaited = trainer.LastEvaluatedStep != trainer.CurrentStep && IsEvaluated(trainer);
        if (trainer.CurrentStep > 0)
        {
            // A signal cut the evaluation short that this step's checkpoint was to wait for.
            _due = isWaited ? DueAt(trainer) : null;
            return;
        }

        _due = _options is { SaveAtStart: true, EvalOnly: false } ? SaveReason.Start : null;
        if (_due is not null && !isWaited)
        {
            Save(trainer, _due);
        }
    }

    public void StepCompleted(Trainer trainer, StepResult result)
    {
        _writer.Poll(trainer);
        _due = DueAt(trainer);
        _lastEpoch = trainer.Epoch;
        if (_due is not null && !IsEvaluated(trainer))
        {
            Save(trainer, _due);
        }
    }

    public void Evaluated(Trainer trainer, EvaluationResult result)
    {
        string? reason = _due;
        if (reason is null && result.IsBest && _options.KeepBest > 0)
        {
            reason = SaveReason.Best;
        }

        // nanoGPT's rule: after each evaluation, or only after one that is better.
        if (reason is null && _schedule.Interval is null && (_options.AlwaysSaveCheckpoint || result.IsBest))
        {
            reason = SaveReason.Evaluation;
        }

        if (reason is not null && !_options.EvalOnly)
        {
            Save(trainer, reason);
        }
    }

    /// <summary>Saves what is not saved yet, and waits until it is on the disk.</summary>
    public void Finish(Trainer trainer, string reason)
    {
        _writer.SaveLast(trainer, reason);
        _due = null;
    }

    private void Save(Trainer trainer, string reason)
    {
        _writer.Save(trainer, reason);
        _due = null;
        _timer = _time.GetTimestamp();
    }

    private string? DueAt(Trainer trainer)
    {
        if (_schedule.IsDue(trainer.CurrentStep) || (_schedule.Interval is null && !HasEvaluations(trainer) && trainer.CurrentStep % _options.EvalInterval == 0))
        {
            return SaveReason.Interval;
        }

        if (_options.Epochs is not null && Math.Floor(trainer.Epoch) > Math.Floor(_lastEpoch) && IsLongEpoch(trainer))
        {
            return SaveReason.Epoch;
        }

        return _options.SaveEveryMinutes is { } minutes && _time.GetElapsedTime(_timer).TotalMinutes >= minutes ? SaveReason.Minutes : null;
    }

    private bool IsLongEpoch(Trainer trainer) =>
        trainer.Sources.Train.SamplesPerEpoch >= (long)LeastEpochSteps * _options.BatchSize * _options.GradientAccumulationSteps;

    private bool HasEvaluations(Trainer trainer) => trainer.Sources.Evaluation.Count > 0 && _options.EvalIters > 0;

    // Whether the trainer will evaluate before its next update.
    private bool IsEvaluated(Trainer trainer) =>
        HasEvaluations(trainer) && (trainer.CurrentStep % _options.EvalInterval == 0 || (trainer.CurrentStep >= trainer.TotalSteps && !_options.NanogptCompat));
}
