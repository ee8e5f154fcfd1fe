using Microsoft.Win32.SafeHandles;

namespace HuggingFace.Hub.Client;

/// <summary>
/// A file of a repository at a pinned commit, read in pieces where it is: from the cache when it is there, else by range requests. Nothing
/// is stored. The content of single pieces cannot be verified; their place and the file's size are. Safe for several readers at once.
/// </summary>
public sealed class HubRemoteFile : IDisposable
{
    private readonly RemoteContent _content;
    private readonly RemoteReader? _remote;
    private readonly SafeFileHandle? _cached;

    internal HubRemoteFile(RemoteContent content, long length, RemoteReader? remote, SafeFileHandle? cached)
    {
        _content = content;
        Repo = content.Repo;
        Commit = content.Commit;
        Path = content.Path;
        Length = length;
        ContentHash = content.Hash.Hex;
        _remote = remote;
        _cached = cached;
    }

    /// <summary>The repository.</summary>
    public RepoId Repo { get; }

    /// <summary>The commit, 40 hexadecimal digits.</summary>
    public string Commit { get; }

    /// <summary>The path in the repository.</summary>
    public string Path { get; }

    /// <summary>The size of the file in bytes.</summary>
    public long Length { get; }

    /// <summary>What the whole content must hash to: SHA-256 (64 digits), or git's SHA-1 of a blob (40 digits).</summary>
    public string ContentHash { get; }

    /// <summary>Whether it is read from the cache.</summary>
    public bool IsCached => _cached is not null;

    /// <summary>Fills a buffer with the bytes from an offset on.</summary>
    /// <param name="offset">The first byte, from 0.</param>
    /// <param name="buffer">What to fill; all of it.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>A task that ends when the buffer is full.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The range leaves the file.</exception>
    /// <exception cref="HubException">The bytes could not be had.</exception>
    public async Task ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - buffer.Length);
        if (_cached is null)
        {
            await _remote!.ReadAsync(offset, buffer, cancellationToken).ConfigureAwait(false);
            return;
        }

        for (int done = 0; done < buffer.Length;)
        {
            int count = await RandomAccess.ReadAsync(_cached, buffer[done..], offset + done, cancellationToken).ConfigureAwait(false);
            done += count > 0 ? count : throw new HubCacheException(Path, "the cached file became shorter while it was read", null);
        }
    }

    /// <summary>Reads a small file as a whole and verifies its hash.</summary>
    /// <param name="maxBytes">The largest file to take.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The content, <see cref="Length"/> bytes.</returns>
    /// <exception cref="HubResponseException">The file is longer than <paramref name="maxBytes"/>.</exception>
    /// <exception cref="HubIntegrityException">The content is not what the hub announced.</exception>
    /// <exception cref="HubException">The bytes could not be had.</exception>
    public async Task<byte[]> ReadAllAsync(int maxBytes, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxBytes);
        if (Length > maxBytes)
        {
            throw new HubResponseException(
                _content.Context, $"'{Redaction.Escape(Path)}' has {Length} bytes, more than the {maxBytes} that are read at once.",
                "Read it in pieces, or download it.");
        }

        byte[] bytes = new byte[Length];
        await ReadAsync(0, bytes, cancellationToken).ConfigureAwait(false);
        using var hasher = new ContentHasher(_content.Hash, Length);
        hasher.Append(bytes);
        string actual = hasher.Finish();
        return actual == ContentHash ? bytes : throw new HubIntegrityException(_content.Context, "hash", ContentHash, actual);
    }

    /// <summary>Closes it.</summary>
    public void Dispose()
    {
        _remote?.Dispose();
        _cached?.Dispose();
    }
}
