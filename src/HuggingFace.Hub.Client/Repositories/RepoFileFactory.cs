namespace HuggingFace.Hub.Client;

/// <summary>Makes a <see cref="RepoFile"/> from fields that a server or a file on disk supplied, if they are sound.</summary>
internal static class RepoFileFactory
{
    public static RepoFile? TryCreate(string path, long? size, string? blobId, string? sha256, string? xetHash)
    {
        if (size is not >= 0 || !ContentHash.TryParse(blobId, out ContentHash? blob) || (sha256 is null && blob.IsSha256))
        {
            return null;
        }

        if (sha256 is not null && !(ContentHash.TryParse(sha256, out ContentHash? content) && content.IsSha256))
        {
            return null;
        }

        string? xet = ContentHash.TryParse(xetHash, out ContentHash? name) && name.IsSha256 ? name.Hex : null;
        return new RepoFile(path, size.Value, blob.Hex, sha256, xet);
    }
}
