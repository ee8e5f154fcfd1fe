namespace HuggingFace.Hub.Client;

/// <summary>A file of a repository that is on this machine.</summary>
/// <param name="Path">Its path in the repository.</param>
/// <param name="LocalPath">Where it is; in the cache usually a link to a blob.</param>
/// <param name="Commit">The commit that it belongs to, 40 hexadecimal digits.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="WasDownloaded">Whether this call downloaded it; false when it was there.</param>
public sealed record HubFile(string Path, string LocalPath, string Commit, long Size, bool WasDownloaded);
