namespace Importer.Training.Distributed;

/// <summary>Another process sent what no process of this group sends: bytes of something else, or those of another operation.</summary>
public sealed class GroupProtocolException : ProcessGroupException
{
    internal GroupProtocolException(int rank, string found)
        : base(
            FormattableString.Invariant($"Rank {rank} sent what is not expected of it: {DisplayText.Escape(found)}"),
            "Start the same version with the same arguments as every rank, and let nothing else use the group's port.") =>
        Rank = rank;

    /// <summary>Which.</summary>
    public int Rank { get; }
}
