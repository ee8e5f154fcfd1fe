namespace HuggingFace.Hub.Client;

/// <summary>A repository in the cache.</summary>
/// <param name="Repo">Its id.</param>
/// <param name="Directory">Its folder in the cache.</param>
/// <param name="Revisions">The commits of which it holds files, in the order of their ids.</param>
/// <param name="FileCount">How many different files it holds.</param>
/// <param name="SizeOnDisk">The bytes of those files; a blob that several revisions share counts once.</param>
/// <param name="LastModified">When a file was last added.</param>
public sealed record HubCachedRepo(
    RepoId Repo, string Directory, IReadOnlyList<HubCachedRevision> Revisions, int FileCount, long SizeOnDisk, DateTimeOffset LastModified);
