namespace Importer.Training.Distributed;

/// <summary>The connection to another process of the group ended: it was killed, or its machine or the network is gone.</summary>
public sealed class PeerLostException : ProcessGroupException
{
    internal PeerLostException(int rank, Exception? innerException = null)
        : base(
            FormattableString.Invariant($"The connection to rank {rank} ended, and it did not say why"),
            "Look whether that process was killed, or ran out of memory; what was saved is whole, and init_from resume goes on from it.", innerException) =>
        Rank = rank;

    /// <summary>Which.</summary>
    public int Rank { get; }
}
