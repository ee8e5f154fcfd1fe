namespace HuggingFace.Hub.Client;

/// <summary>What was, or would be, removed from a cache.</summary>
/// <param name="Revisions">The revisions.</param>
/// <param name="Files">The blobs and partials.</param>
/// <param name="FreedBytes">The bytes that they take; links to files elsewhere free nothing.</param>
/// <param name="IsDryRun">Whether nothing was removed.</param>
public sealed record HubCacheRemoval(
    IReadOnlyList<HubRemovedRevision> Revisions, IReadOnlyList<string> Files, long FreedBytes, bool IsDryRun);
