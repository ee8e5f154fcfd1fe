namespace Importer.Training.Distributed;

/// <summary>Another process of the group failed, and said why; all end with it.</summary>
public sealed class PeerFailedException : ProcessGroupException
{
    internal PeerFailedException(int rank, string reason, int code)
        : base(FormattableString.Invariant($"Rank {rank} failed: {DisplayText.Escape(reason.TrimEnd('.', ' '))}"), FormattableString.Invariant($"See what rank {rank} said; what was saved is whole, and init_from resume goes on from it."))
    {
        Rank = rank;
        Reason = reason;
        Code = code;
    }

    /// <summary>Which.</summary>
    public int Rank { get; }

    /// <summary>What it said.</summary>
    public string Reason { get; }

    /// <summary>The number that it gave with its reason, such as its exit code; 1 where it gave none.</summary>
    public int Code { get; }
}
