using CheckpointStorage.IO;

namespace Importer.Training.Checkpoints;

/// <summary>The named places of a run, beside those of the store, at which a test may have the process killed: <c>IMPORTER_CRASH_AT</c>.</summary>
internal static class TrainingCrashPoint
{
    /// <summary>The weights of a checkpoint are read, and its moments not yet.</summary>
    public const string DuringLoad = "during-load";

    /// <summary>A batch was evaluated.</summary>
    public const string DuringEvaluation = "during-evaluation";

    /// <summary>Gradients of a micro-step are there, and those of the next are not.</summary>
    public const string MidAccumulation = "mid-accumulation";

    /// <summary>The weights are updated, and nobody was told.</summary>
    public const string AfterUpdate = "after-update";

    /// <summary>A checkpoint's state is taken down, and nothing of it written.</summary>
    public const string AfterCapture = "after-capture";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [DuringLoad, DuringEvaluation, MidAccumulation, AfterUpdate, AfterCapture];

    /// <summary>Ends the process if this is the place.</summary>
    public static void Reach(string name) => CrashPoint.Reach(name);
}
