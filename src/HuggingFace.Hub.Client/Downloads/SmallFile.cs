namespace HuggingFace.Hub.Client;

/// <summary>Reads a small file of a repository into memory, hash checked.</summary>
internal static class SmallFile
{
    private const long MaxBytes = 64 << 20;

    /// <summary>The listing's entry, if it is small enough.</summary>
    /// <exception cref="HubException">There is no such file, or it is too large.</exception>
    public static RepoFile Check(RepoListing listing, string path, HubErrorContext context)
    {
        RepoFile file = listing.Find(path) ?? throw new HubEntryNotFoundException(context with { Path = path }, listing.Commit);
        return file.Size <= MaxBytes
            ? file
            : throw new HubResponseException(context with { Path = path },
                $"'{Redaction.Escape(path)}' has {file.Size} bytes, more than the {MaxBytes} that an index may have.");
    }

    public static async Task<byte[]> ReadAsync(HubServices services, RemoteContent content, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[content.Size!.Value];
        using var remote = new RemoteReader(services, content);
        await remote.ReadAsync(0, bytes, cancellationToken).ConfigureAwait(false);
        using var hasher = new ContentHasher(content.Hash, bytes.Length);
        hasher.Append(bytes);
        string actual = hasher.Finish();
        return actual == content.Hash.Hex ? bytes : throw new HubIntegrityException(content.Context, "hash", content.Hash.Hex, actual);
    }
}
