using System.Text.Json.Nodes;
using CheckpointStorage;

namespace Importer.Training.Checkpoints;

/// <summary>
/// Saves a run: at once, or from a copy in the background, one at a time; and does what the options say where that fails.
/// For the thread that trains.
/// </summary>
internal sealed class CheckpointWriter
{
    private static readonly TimeSpan[] Delays = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5)];

    // Of its time a save in the background works this part, so that updates on the processor lose 5 % to it at most: where all of it
    // computes, an operator waits for the one thread that the save holds up.
    internal const double BackgroundShare = 0.03;

    private readonly CheckpointStore _store;
    private readonly CheckpointSource _source;
    private readonly Func<Trainer, string, TrainerRecord> _record;
    private readonly IReadOnlyList<ITrainingObserver> _observers;
    private readonly RunLog _log;
    private readonly TimeProvider _time;
    private (Task<CheckpointSaveResult> Task, SavePace? Pace, TrainingState State, Moment Before)? _pending;
    private Moment _saved;

    /// <param name="store">Where to.</param>
    /// <param name="source">What goes into which file.</param>
    /// <param name="record">Everything but tensors, of this moment.</param>
    /// <param name="observers">Told of saves.</param>
    /// <param name="log">Told what a person should know.</param>
    /// <param name="time">The clock.</param>
    /// <param name="resumed">The state that the run went on from, which is on the disk; null for none.</param>
    public CheckpointWriter(
        CheckpointStore store, CheckpointSource source, Func<Trainer, string, TrainerRecord> record, IReadOnlyList<ITrainingObserver> observers,
        RunLog log, TimeProvider time, TrainingState? resumed)
    {
        _store = store;
        _source = source;
        _record = record;
        _observers = observers;
        _log = log;
        _time = time;
        _saved = Moment.Of(resumed);
        Clock = new SaveClock(time);
    }

    /// <summary>What saving has cost.</summary>
    public SaveClock Clock { get; }

    /// <summary>The last checkpoint that is on the disk; null while this process has saved none.</summary>
    public CheckpointInfo? Last { get; private set; }

    /// <summary>Looks whether a save in the background has ended, and how.</summary>
    public void Poll(Trainer trainer)
    {
        if (_pending is { Task.IsCompleted: true })
        {
            Settle(trainer, isLast: false);
        }
    }

    /// <summary>Saves the run as it is, unless it is saved already, or has made no update and is not to be saved before its first.</summary>
    public void Save(Trainer trainer, string reason)
    {
        if (IsSaved(trainer))
        {
            return;
        }

        Settle(trainer, isLast: false);
        if (IsSaved(trainer))
        {
            return; // in place of one that failed
        }

        if (trainer.Options.AsyncSave)
        {
            Clock.Wait(() => Begin(trainer, reason));
        }
        else
        {
            SaveNow(trainer, reason, isLast: false);
        }

        if (Clock.Warning() is { } warning)
        {
            _log.Warn(warning);
        }
    }

    /// <summary>Saves the run as it is and waits for it; a failure is an exception whatever the policy.</summary>
    public void SaveLast(Trainer trainer, string reason)
    {
        Settle(trainer, isLast: true);
        if (!IsSaved(trainer))
        {
            SaveNow(trainer, reason, isLast: true);
        }
    }

    /// <summary>Waits for a save in the background, whatever becomes of it.</summary>
    public void Abandon()
    {
        if (_pending is { } pending)
        {
            pending.Pace?.Hurry();
            ((IAsyncResult)pending.Task).AsyncWaitHandle.WaitOne();
            _pending = null;
        }
    }

    // An evaluation that a signal cut short is made when the run goes on: with its loss it is another checkpoint, and perhaps the best.
    private bool IsSaved(Trainer trainer) => (trainer.CurrentStep == 0 && !trainer.Options.SaveAtStart)
        || (trainer.CurrentStep == _saved.Step && (_saved.IsEvaluated || trainer.LastEvaluatedStep != trainer.CurrentStep));

    private bool Begin(Trainer trainer, string reason)
    {
        var record = Describe(trainer, reason);
        RequireFinite(trainer);
        var model = TensorSnapshot.Of(trainer.ModelTensors);
        TensorSnapshot optimizer;
        try
        {
            optimizer = TensorSnapshot.Of(trainer.OptimizerTensors);
        }
        catch
        {
            model.Dispose();
            throw;
        }

        var content = _source.Make(record, model.Tensors, optimizer.Tensors, Metric(trainer, record.State));
        var pace = trainer.ModelTensors[0].Tensor.device_type == TorchSharp.DeviceType.CPU ? new SavePace(BackgroundShare) : null;
        _pending = (Task.Run(async () =>
        {
            using (model)
            using (optimizer)
            {
                return await _store.SaveAsync(content, pace: pace).ConfigureAwait(false);
            }
        }), pace, record.State, _saved);
        _saved = Moment.Of(record.State);
        return true;
    }

    private void Settle(Trainer trainer, bool isLast)
    {
        if (_pending is not { } pending)
        {
            return;
        }

        _pending = null;
        pending.Pace?.Hurry();
        try
        {
            Completed(trainer, pending.State, Clock.Wait(() => pending.Task.GetAwaiter().GetResult()));
        }
        catch (CheckpointSaveException e)
        {
            _saved = pending.Before;
            if (trainer.Options.OnSaveError == "stop")
            {
                throw;
            }

            // The run has gone on: trying again is saving what it is now.
            _log.Warn(e.Message);
            if (trainer.Options.OnSaveError == "retry" || isLast)
            {
                SaveNow(trainer, "retry", isLast);
            }
        }
    }

    private void SaveNow(Trainer trainer, string reason, bool isLast)
    {
        var record = Describe(trainer, reason);
        RequireFinite(trainer);
        var content = _source.Make(record, trainer.ModelTensors, trainer.OptimizerTensors, Metric(trainer, record.State));
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                var result = Clock.Wait(() => Task.Run(() => _store.SaveAsync(content)).GetAwaiter().GetResult());
                _saved = Moment.Of(record.State);
                Completed(trainer, record.State, result);
                return;
            }
            catch (CheckpointSaveException e) when (trainer.Options.OnSaveError == "retry" && attempt < Delays.Length)
            {
                _log.Warn(e.Message);
                Clock.Wait(() => Task.Delay(Delays[attempt], _time).ContinueWith(_ => true, TaskScheduler.Default).GetAwaiter().GetResult());
            }
            catch (CheckpointSaveException e) when (trainer.Options.OnSaveError == "continue" && !isLast)
            {
                _log.Warn(e.Message);
                return;
            }
        }
    }

    private TrainerRecord Describe(Trainer trainer, string reason)
    {
        _log.Say($"saving checkpoint to {DisplayText.Escape(trainer.Options.OutDir)}");
        var captured = new JsonObject();
        foreach (var observer in _observers.OfType<IResumableObserver>())
        {
            captured[observer.Name] = observer.Capture();
        }

        var record = _record(trainer, reason) with { Observers = captured };
        foreach (var observer in _observers)
        {
            observer.Saving(trainer, record.State);
        }

        TrainingCrashPoint.Reach(TrainingCrashPoint.AfterCapture);
        return record;
    }

    private void Completed(Trainer trainer, TrainingState state, CheckpointSaveResult result)
    {
        Last = result.Checkpoint;
        if (result.Attempts > 1)
        {
            _log.Warn($"{Last.Id} was not read back as it was written, and was written once more: check the disk");
        }

        foreach (string warning in result.Warnings)
        {
            _log.Warn(warning);
        }

        foreach (var observer in _observers)
        {
            observer.Saved(trainer, state, result.Checkpoint.Id);
        }
    }

    private static double? Metric(Trainer trainer, TrainingState state) =>
        state.LastEvaluatedStep == state.Step && trainer.Sources.Evaluation.Count > 0
            ? state.LastLosses.TryGetValue(trainer.Sources.Evaluation[^1].Name, out double loss) ? loss : null
            : null;

    private static void RequireFinite(Trainer trainer)
    {
        if (trainer.Options.NanogptCompat)
        {
            return;
        }

        string[] broken = [.. trainer.ModelTensors.Where(item => !TensorFile.IsFinite(item.Tensor)).Select(item => item.Name)];
        if (broken.Length > 0)
        {
            throw new NonFiniteWeightsException(trainer.CurrentStep, broken);
        }
    }

    /// <summary>What a checkpoint has: a step, and whether its loss, too.</summary>
    private readonly record struct Moment(long Step, bool IsEvaluated)
    {
        public static Moment Of(TrainingState? state) => new(state?.Step ?? -1, state is not null && state.LastEvaluatedStep == state.Step);
    }
}
