using System.Globalization;

namespace CheckpointStorage;

/// <summary>A checkpoint could not be saved. Nothing of it is left, and all that were there before are as they were.</summary>
public sealed class CheckpointSaveException : CheckpointException
{
    internal CheckpointSaveException(string directory, long step, SaveStage stage, string? file, int attempts, Exception innerException)
        : base(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{IO.DisplayText.Escape(directory)}: the checkpoint of step {step} could not be saved (stage {stage}{(file is null ? "" : $", {file}")}, attempt {attempts}): {IO.DisplayText.Clause(innerException.Message)}"),
            RemedyFor(innerException),
            innerException)
    {
        Directory = directory;
        Step = step;
        Stage = stage;
        File = file;
        Attempts = attempts;
    }

    /// <summary>The store's directory.</summary>
    public string Directory { get; }

    /// <summary>The step that was to be saved.</summary>
    public long Step { get; }

    /// <summary>How far it came.</summary>
    public SaveStage Stage { get; }

    /// <summary>The file it was at; null between files.</summary>
    public string? File { get; }

    /// <summary>How often it was tried.</summary>
    public int Attempts { get; }

    /// <summary>Whether the disk is full or a quota used up.</summary>
    public bool IsDiskFull => IO.StoreErrors.IsDiskFull(InnerException);

    private static string RemedyFor(Exception cause) => cause switch
    {
        _ when IO.StoreErrors.IsDiskFull(cause) => "Free some space or keep fewer checkpoints, and save again; the older checkpoints are intact.",
        UnauthorizedAccessException => "Allow this user to write there, and save again; the older checkpoints are intact.",
        IOException or CheckpointDamagedException => "Check the disk, and save again; the older checkpoints are intact.",
        _ => "Correct what makes the content, and save again; the older checkpoints are intact.",
    };
}
