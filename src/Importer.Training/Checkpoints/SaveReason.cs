namespace Importer.Training.Checkpoints;

/// <summary>Why a checkpoint is saved, as its metadata and the log have it.</summary>
internal static class SaveReason
{
    public const string Start = "start";
    public const string Interval = "interval";
    public const string Minutes = "minutes";
    public const string Evaluation = "evaluation";
    public const string Best = "best";
    public const string Epoch = "epoch";
    public const string Signal = "signal";
    public const string Error = "error";

    /// <summary>The reason of a run's end.</summary>
    public static string Of(TrainingEnd end) => end switch
    {
        TrainingEnd.Completed => "end",
        TrainingEnd.EarlyStopped => "early_stop",
        TrainingEnd.EpochsReached => "stop_after_epochs",
        TrainingEnd.TimeReached => "max_minutes",
        _ => "stop",
    };
}
