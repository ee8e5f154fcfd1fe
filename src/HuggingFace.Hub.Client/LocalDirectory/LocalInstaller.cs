namespace HuggingFace.Hub.Client;

/// <summary>
/// Makes a file of a repository be in a plain directory. What is there and right stays; what is there and outdated stays until the new file
/// has been verified and takes its place.
/// </summary>
internal sealed class LocalInstaller(CacheLayout layout, ContentDownloader downloader, HubSettings settings)
{
    /// <summary>The file that is there, when its metadata says that it is the one of a commit; no request is needed then.</summary>
    public static InstalledFile? FindPinned(LocalFolder local, string path, string commit, long? size)
    {
        string file = local.FileOf(path);
        return FileProbe.Length(file) is { } length
            && (size is null || length == size)
            && LocalMetadata.Read(local.MetadataOf(path), file) is { } metadata
            && metadata.Commit == commit
                ? new InstalledFile(file, length, WasDownloaded: false)
                : null;
    }

    /// <summary>Installs one file.</summary>
    public async Task<InstalledFile> InstallAsync(
        LocalFolder local, RemoteContent content, bool force, ProgressTracker.FileProgress progress, CancellationToken cancellationToken)
    {
        local.Check(content.Path);
        local.Prepare();
        string file = local.FileOf(content.Path);
        using FileLock held = await FileLock.AcquireAsync(
            local.LockOf(content.Path), content.Path, settings, cancellationToken).ConfigureAwait(false);
        bool downloaded = false;
        if (force
            || (!await IsCurrentAsync(local, content, file, cancellationToken).ConfigureAwait(false)
                && !await CopyFromCacheAsync(local, content, file, cancellationToken).ConfigureAwait(false)))
        {
            await DownloadAsync(local, content, file, held.IsExclusive, progress, cancellationToken).ConfigureAwait(false);
            downloaded = true;
        }

        string metadataPath = local.MetadataOf(content.Path);
        var metadata = new LocalMetadata(content.Commit, content.Hash.Hex);
        if (LocalMetadata.Read(metadataPath, file) != metadata)
        {
            metadata.Write(metadataPath);
        }

        long size = FileProbe.Length(file) ?? throw new HubCacheException(file, "it disappeared right after it was written", null);
        progress.Finish(downloaded ? HubFileState.Completed : HubFileState.Cached, size);
        return new InstalledFile(file, size, downloaded);
    }

    /// <summary>Whether the metadata says that the file is the wanted one; nothing is read or written.</summary>
    public static bool LooksCurrent(LocalFolder local, RemoteContent content)
    {
        string file = local.FileOf(content.Path);
        return FileProbe.Is(file, content.Size)
            && LocalMetadata.Read(local.MetadataOf(content.Path), file)?.ETag == content.Hash.Hex;
    }

    /// <summary>How many bytes of this content would be downloaded, and how many of disk space that takes.</summary>
    public static (long Download, long Space) Need(LocalFolder local, RemoteContent content, bool force)
    {
        if (content.Size is not { } size || (!force && LooksCurrent(local, content)))
        {
            return (0, 0);
        }

        PartialStore partials = local.PartialsOf(content.Path, content.Hash);
        return (size - partials.Resumable(size), partials.SpaceNeeded(size));
    }

    private static async Task<bool> IsCurrentAsync(
        LocalFolder local, RemoteContent content, string file, CancellationToken cancellationToken)
    {
        if (!FileProbe.Is(file, content.Size))
        {
            return false;
        }

        // Without metadata that can be believed, the content itself tells.
        return LocalMetadata.Read(local.MetadataOf(content.Path), file) is { } metadata
            ? metadata.ETag == content.Hash.Hex
            : await VerifiedFile.HashAsync(file, content.Hash, null, cancellationToken).ConfigureAwait(false) == content.Hash.Hex;
    }

    private async Task<bool> CopyFromCacheAsync(LocalFolder local, RemoteContent content, string file, CancellationToken cancellationToken)
    {
        RepoFolder folder = layout.Repo(content.Repo);
        foreach (string cached in (string[])[folder.Blob(content.Hash), folder.Pointer(content.Commit, content.Path)])
        {
            if (!FileProbe.Is(cached, content.Size))
            {
                continue;
            }

            string scratch = Path.GetDirectoryName(local.MetadataOf(content.Path))!;
            Directory.CreateDirectory(scratch);
            string temporary = AtomicFile.TemporaryName(scratch);
            if (await VerifiedFile.CopyAsync(cached, temporary, content.Hash, cancellationToken).ConfigureAwait(false))
            {
                AtomicFile.Publish(temporary, file);
                return true;
            }

            Log.CachedFileDamaged(settings.Logger, cached);
        }

        return false;
    }

    private async Task DownloadAsync(
        LocalFolder local, RemoteContent content, string file, bool exclusive, ProgressTracker.FileProgress progress,
        CancellationToken cancellationToken)
    {
        PartialStore partials = local.PartialsOf(content.Path, content.Hash);
        if (content.Size is { } size)
        {
            SpaceCheck.Require(local.Root, partials.SpaceNeeded(size), settings);
        }

        long length = await downloader.DownloadAsync(content, partials, file, exclusive, progress, cancellationToken).ConfigureAwait(false);
        if (exclusive)
        {
            partials.RemoveOrphans(length);
        }
    }
}
