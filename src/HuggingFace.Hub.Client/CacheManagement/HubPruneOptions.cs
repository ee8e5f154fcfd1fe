namespace HuggingFace.Hub.Client;

/// <summary>What <see cref="HubCache.Prune"/> removes.</summary>
public sealed class HubPruneOptions
{
    /// <summary>Revisions to which no branch or tag points any more. Default: true.</summary>
    public bool DetachedRevisions { get; init; } = true;

    /// <summary>Blobs to which no snapshot links. Default: true.</summary>
    public bool UnreferencedBlobs { get; init; } = true;

    /// <summary>Interrupted downloads, of other libraries too, unless one is running. Default: true.</summary>
    public bool Partials { get; init; } = true;

    /// <summary>Whether only to tell what would be removed. Default: false.</summary>
    public bool DryRun { get; init; }
}
