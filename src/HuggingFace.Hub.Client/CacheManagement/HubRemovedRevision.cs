namespace HuggingFace.Hub.Client;

/// <summary>A revision that was, or would be, removed from a cache.</summary>
/// <param name="Repo">The repository.</param>
/// <param name="Commit">The commit, 40 hexadecimal digits.</param>
public sealed record HubRemovedRevision(RepoId Repo, string Commit);
