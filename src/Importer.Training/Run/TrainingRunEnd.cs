namespace Importer.Training;

/// <summary>Why a run's process ended.</summary>
public enum TrainingRunEnd
{
    /// <summary>All updates were made.</summary>
    Completed,

    /// <summary>The validation loss did not become better for as long as patience allows.</summary>
    EarlyStopped,

    /// <summary>As many epochs were made as this process was asked for; the run can go on.</summary>
    EpochsReached,

    /// <summary>The process has taken as long as it may; the run can go on.</summary>
    TimeReached,

    /// <summary>An observer asked for it; the run can go on.</summary>
    StopRequested,

    /// <summary>Only an evaluation was asked for.</summary>
    Evaluated,

    /// <summary>The token was cancelled, by a signal for example; what was made is saved and the run can go on.</summary>
    Interrupted,

    /// <summary>Something went wrong: <see cref="TrainingRunResult.Error"/>. What was made is saved, where that was possible.</summary>
    Failed,
}
