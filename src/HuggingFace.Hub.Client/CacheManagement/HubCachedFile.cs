namespace HuggingFace.Hub.Client;

/// <summary>A file of a cached revision.</summary>
/// <param name="Path">Its path in the repository.</param>
/// <param name="LocalPath">Its path in the snapshot.</param>
/// <param name="BlobPath">The blob in the repository's folder that it links to; null when the snapshot holds the file itself.</param>
/// <param name="Size">Its size in bytes.</param>
public sealed record HubCachedFile(string Path, string LocalPath, string? BlobPath, long Size);
