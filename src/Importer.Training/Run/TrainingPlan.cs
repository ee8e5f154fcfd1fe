using CheckpointStorage;

namespace Importer.Training;

/// <summary>What a run is going to do and to need, before it does.</summary>
public sealed record TrainingPlan
{
    /// <summary>What it begins with, in words.</summary>
    public required string Start { get; init; }

    /// <summary>Processes that train together.</summary>
    public int WorldSize { get; init; } = 1;

    /// <summary>Updates that are made already.</summary>
    public required long FirstStep { get; init; }

    /// <summary>Updates in all.</summary>
    public required long TotalSteps { get; init; }

    /// <summary>The model's parameters.</summary>
    public required long Parameters { get; init; }

    /// <summary>Windows, and so sequences, per update.</summary>
    public required long WindowsPerStep { get; init; }

    /// <summary>Tokens per window.</summary>
    public required int BlockSize { get; init; }

    /// <summary>Tokens that are trained on.</summary>
    public required long TrainTokens { get; init; }

    /// <summary>Tokens that are evaluated on.</summary>
    public required long ValTokens { get; init; }

    /// <summary>Windows of an epoch; null where windows are drawn as nanoGPT does.</summary>
    public required long? WindowsPerEpoch { get; init; }

    /// <summary>Bytes of one checkpoint.</summary>
    public required long CheckpointBytes { get; init; }

    /// <summary>Checkpoints that will be saved; at most, where <see cref="SavesOnlyBetter"/>.</summary>
    public required int Saves { get; init; }

    /// <summary>What the disk must have, and has.</summary>
    public required DiskSpaceReport Disk { get; init; }

    /// <summary>Updates that a crash costs at most.</summary>
    public required long StepsAtRisk { get; init; }

    /// <summary>
    /// Whether an evaluation saves only where the validation loss is lower than before (<c>always_save_checkpoint</c> is false and there is no
    /// <c>save_interval</c>), so that a crash may cost everything since the best.
    /// </summary>
    public bool SavesOnlyBetter { get; init; }

    /// <summary>
    /// The time that a crash costs at most, by what the run has taken so far, or by <c>save_every_minutes</c>; null where that is not known.
    /// </summary>
    public TimeSpan? TimeAtRisk { get; init; }

    /// <summary>Windows that the updates made already have learned from.</summary>
    internal long WindowsDone { get; init; }

    /// <summary>Tokens per update.</summary>
    public long TokensPerStep => WindowsPerStep * BlockSize;

    /// <summary>Passes over the data in all; null where there is no such number.</summary>
    public double? Epochs => WindowsPerEpoch is { } windows ? (WindowsDone + ((double)StepsLeft * WindowsPerStep)) / windows : null;

    /// <summary>Updates that are left.</summary>
    public long StepsLeft => Math.Max(0, TotalSteps - FirstStep);
}
