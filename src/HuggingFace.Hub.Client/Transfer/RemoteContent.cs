namespace HuggingFace.Hub.Client;

/// <summary>A file's content as it is wanted from the hub: pinned to a commit, with the hash and size that it must have.</summary>
/// <param name="Repo">The repository.</param>
/// <param name="Commit">The commit, 40 hexadecimal digits.</param>
/// <param name="Path">The file's path in the repository.</param>
/// <param name="Hash">What the content must hash to.</param>
/// <param name="Size">The size in bytes; null when the hub did not tell.</param>
/// <param name="Location">Where a HEAD said that the bytes are; null when the hub has not been asked or serves them itself.</param>
/// <param name="XetHash">The file's name in the shared blob store; null when there is none.</param>
internal sealed record RemoteContent(RepoId Repo, string Commit, string Path, ContentHash Hash, long? Size, Uri? Location, string? XetHash)
{
    public HubErrorContext Context => new() { Repo = Repo, Revision = Commit, Path = Path };

    public static RemoteContent Of(RepoListing listing, RepoFile file) =>
        new(listing.Repo, listing.Commit, file.Path, file.Hash, file.Size, null, file.XetHash);

    /// <summary>Without the signed address.</summary>
    public override string ToString() => $"{Path} of {Repo} at {Commit}";
}
