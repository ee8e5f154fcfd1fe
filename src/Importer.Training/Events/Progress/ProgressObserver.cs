namespace Importer.Training.Events;

/// <summary>Tells how far a run is: every <see cref="TrainingOptions.LogInterval"/> updates, and after the last.</summary>
/// <param name="listener">Told on the thread that trains.</param>
/// <param name="time">The clock; null for the system's.</param>
public sealed class ProgressObserver(IProgress<TrainingProgress> listener, TimeProvider? time = null) : ITrainingObserver
{
    // What the newest update weighs in running means.
    private const double Newest = 0.1;

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private long _began, _first;
    private double _inSteps, _seconds, _tokens, _weight;

    /// <inheritdoc/>
    public void Started(Trainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        (_began, _first) = (_time.GetTimestamp(), trainer.CurrentStep);
        _inSteps = _seconds = _tokens = _weight = 0;
    }

    /// <inheritdoc/>
    public void StepCompleted(Trainer trainer, StepResult result)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        ArgumentNullException.ThrowIfNull(result);
        double took = result.Elapsed.TotalSeconds;
        _inSteps += took;
        // Divided by the sum of the weights the mean is right from the first update on.
        _seconds += Newest * (took - _seconds);
        _tokens += Newest * (result.Tokens - _tokens);
        _weight += Newest * (1 - _weight);
        if (result.Step % trainer.Options.LogInterval == 0 || result.Step == trainer.TotalSteps)
        {
            listener.Report(new TrainingProgress(
                result.Step, trainer.TotalSteps, result.Loss, result.LearningRate, result.Elapsed, _tokens / Math.Max(_seconds, 1e-9),
                Left(trainer.TotalSteps - result.Step, result.Step - _first)));
        }
    }

    // Updates as they are now, and what is between them as it has been on the whole: evaluations are rare and long.
    private TimeSpan? Left(long steps, long done)
    {
        double between = Math.Max(0, _time.GetElapsedTime(_began).TotalSeconds - _inSteps) / done, left = steps * (_seconds / _weight + between);
        return double.IsFinite(left) && left < TimeSpan.MaxValue.TotalSeconds / 2 ? TimeSpan.FromSeconds(left) : null;
    }
}
