namespace HuggingFace.Hub.Client;

/// <summary>A commit of which the cache holds files.</summary>
/// <param name="Commit">The commit, 40 hexadecimal digits.</param>
/// <param name="Refs">The branches and tags that pointed to it when they were last asked for; none: it is detached.</param>
/// <param name="Directory">The snapshot's directory.</param>
/// <param name="Files">The files in the order of their paths.</param>
/// <param name="SizeOnDisk">The bytes of its files, shared ones included.</param>
/// <param name="LastModified">When a file was last added.</param>
public sealed record HubCachedRevision(
    string Commit, IReadOnlyList<string> Refs, string Directory, IReadOnlyList<HubCachedFile> Files, long SizeOnDisk,
    DateTimeOffset LastModified);
