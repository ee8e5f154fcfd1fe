namespace CheckpointStorage;

/// <summary>A checkpoint is not what was saved.</summary>
public sealed class CheckpointDamagedException : CheckpointException
{
    internal CheckpointDamagedException(string directory, IReadOnlyList<CheckpointProblem> problems, Exception? innerException = null)
        : base(
            $"The checkpoint {IO.DisplayText.Escape(directory)} is damaged:{Lines(problems.Select(problem => problem.ToString()))}\nIt must not be used",
            "Take an older one or a backup, and check the disk.",
            innerException)
    {
        Directory = directory;
        Problems = problems;
    }

    /// <summary>The checkpoint's directory.</summary>
    public string Directory { get; }

    /// <summary>All that is wrong with it.</summary>
    public IReadOnlyList<CheckpointProblem> Problems { get; }
}
