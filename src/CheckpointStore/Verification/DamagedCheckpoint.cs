namespace CheckpointStorage;

/// <summary>A checkpoint that was found damaged.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Directory">Where it is now: in quarantine, or where it was.</param>
/// <param name="Problems">What is wrong with it.</param>
public sealed record DamagedCheckpoint(string Id, string Directory, IReadOnlyList<CheckpointProblem> Problems)
{
    /// <summary>One line.</summary>
    public override string ToString() => $"{IO.DisplayText.Escape(Id)}: {string.Join("; ", Problems)}";
}
