namespace HuggingFace.Hub.Client;

/// <summary>One file of a repository at a commit, as the hub lists it.</summary>
public sealed record RepoFile
{
    internal RepoFile(string path, long size, string blobId, string? sha256, string? xetHash)
    {
        Path = path;
        Size = size;
        BlobId = blobId;
        Sha256 = sha256;
        XetHash = xetHash;
        Hash = ContentHash.TryParse(sha256 ?? blobId, out ContentHash? hash)
            ? hash
            : throw new ArgumentException("Neither id is a hash.", nameof(blobId));
    }

    /// <summary>The path in the repository, parts separated by <c>/</c>; already checked to be safe as a local path.</summary>
    public string Path { get; }

    /// <summary>The size of the content in bytes.</summary>
    public long Size { get; }

    /// <summary>
    /// The git object id, 40 hexadecimal digits: of the content for a plain file, of the small pointer file for one in LFS.
    /// </summary>
    public string BlobId { get; }

    /// <summary>The SHA-256 of the content, 64 hexadecimal digits; null for files that are not in LFS.</summary>
    public string? Sha256 { get; }

    /// <summary>The hub's xet hash, 64 hexadecimal digits; not a SHA-256; null where there is none.</summary>
    public string? XetHash { get; }

    /// <summary>What the content must hash to.</summary>
    internal ContentHash Hash { get; }
}
