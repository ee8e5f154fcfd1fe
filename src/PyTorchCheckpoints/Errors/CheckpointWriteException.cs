using static System.FormattableString;

namespace PyTorchCheckpoints;

/// <summary>What was to be written is not valid. No file appears, and a file that was there before stays as it was.</summary>
public sealed class CheckpointWriteException : CheckpointException
{
    private const int Shown = 20;

    internal CheckpointWriteException(
        CheckpointErrorKind kind, IReadOnlyList<string> problems, string remedy, string? path, string? tensorName = null)
        : base(kind, Join(problems), remedy, path, position: null, tensorName, inner: null)
    {
        Problems = [.. problems];
    }

    /// <summary>Everything that is wrong.</summary>
    public IReadOnlyList<string> Problems { get; }

    private static string Join(IReadOnlyList<string> problems)
    {
        string list = string.Join("; ", problems.Take(Shown));
        return problems.Count > Shown ? Invariant($"{list}; and {problems.Count - Shown:N0} more") : list;
    }
}
