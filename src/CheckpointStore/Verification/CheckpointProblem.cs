namespace CheckpointStorage;

/// <summary>One thing that is wrong with a checkpoint.</summary>
/// <param name="Kind">What.</param>
/// <param name="File">The file it is about; null for the whole.</param>
/// <param name="Description">What was expected and what is there; names in it are escaped.</param>
public sealed record CheckpointProblem(CheckpointProblemKind Kind, string? File, string Description)
{
    /// <summary>One line.</summary>
    public override string ToString() => File is null ? Description : $"{IO.DisplayText.Escape(File)}: {Description}";
}
