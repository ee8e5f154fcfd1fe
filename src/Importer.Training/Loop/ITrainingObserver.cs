namespace Importer.Training;

/// <summary>
/// Code that watches a run: logs, metrics, checkpoints, and your own. Everything is called on the thread that trains, between
/// updates, in the order in which observers were given; an exception ends the run.
/// </summary>
public interface ITrainingObserver
{
    /// <summary>The run begins, or goes on.</summary>
    /// <param name="trainer">The trainer, at its first update.</param>
    void Started(Trainer trainer)
    {
    }

    /// <summary>A part of an update was computed; its weights are those of the update before. For showing that it lives.</summary>
    /// <param name="trainer">The trainer.</param>
    /// <param name="done">Micro-steps of the update so far.</param>
    /// <param name="count">How many it has.</param>
    void MicroStepCompleted(Trainer trainer, int done, int count)
    {
    }

    /// <summary>A part of an evaluation was computed. For showing that it lives.</summary>
    /// <param name="trainer">The trainer.</param>
    /// <param name="name">The set.</param>
    /// <param name="done">Its batches so far.</param>
    /// <param name="count">How many are evaluated.</param>
    void BatchEvaluated(Trainer trainer, string name, int done, int count)
    {
    }

    /// <summary>An update was made.</summary>
    /// <param name="trainer">The trainer; its weights have the update. <see cref="Trainer.RequestStop"/> ends the run.</param>
    /// <param name="result">What it did.</param>
    void StepCompleted(Trainer trainer, StepResult result)
    {
    }

    /// <summary>The evaluated sets have losses.</summary>
    /// <param name="trainer">The trainer, between two updates.</param>
    /// <param name="result">What was found.</param>
    void Evaluated(Trainer trainer, EvaluationResult result)
    {
    }

    /// <summary>A checkpoint is about to be written.</summary>
    /// <param name="trainer">The trainer.</param>
    /// <param name="state">What will be in it.</param>
    void Saving(Trainer trainer, TrainingState state)
    {
    }

    /// <summary>A checkpoint is on disk.</summary>
    /// <param name="trainer">The trainer.</param>
    /// <param name="state">What is in it.</param>
    /// <param name="id">Its name.</param>
    void Saved(Trainer trainer, TrainingState state, string id)
    {
    }

    /// <summary>The run has ended by itself; not called where an exception or a cancellation ended it.</summary>
    /// <param name="trainer">The trainer, after its last update.</param>
    /// <param name="reason">Why.</param>
    void Ended(Trainer trainer, TrainingEnd reason)
    {
    }
}
