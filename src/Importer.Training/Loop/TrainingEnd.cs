namespace Importer.Training;

/// <summary>Why a run ended.</summary>
public enum TrainingEnd
{
    /// <summary>All updates were made.</summary>
    Completed,

    /// <summary>The validation loss did not become better for as many evaluations as patience allows.</summary>
    EarlyStopped,

    /// <summary>This process has made as many epochs as it was asked for; the run can go on.</summary>
    EpochsReached,

    /// <summary>This process has taken as long as it may; the run can go on.</summary>
    TimeReached,

    /// <summary>An observer asked for it; the run can go on.</summary>
    StopRequested,

    /// <summary>Only an evaluation was asked for.</summary>
    Evaluated,
}
