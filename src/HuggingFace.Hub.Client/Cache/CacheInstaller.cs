namespace HuggingFace.Hub.Client;

/// <summary>
/// Makes a file be in a snapshot of the cache, by the cheapest way: it is there, its blob is there, another folder has it, or it is
/// downloaded.
/// </summary>
internal sealed class CacheInstaller(CacheLayout layout, ContentDownloader downloader, SnapshotLinker linker, HubSettings settings)
{
    private readonly BlobFinder _finder = new(layout, settings);

    /// <summary>Installs one file.</summary>
    /// <returns>Where it is, its size, and whether it had to be downloaded.</returns>
    public async Task<InstalledFile> InstallAsync(
        RemoteContent content, bool force, ProgressTracker.FileProgress progress, CancellationToken cancellationToken)
    {
        RepoFolder folder = layout.Repo(content.Repo);
        string pointer = folder.Pointer(content.Commit, content.Path);
        if (!force && FileProbe.Length(pointer) is { } there && (content.Size is null || there == content.Size))
        {
            progress.Finish(HubFileState.Cached, there);
            return new InstalledFile(pointer, there, WasDownloaded: false);
        }

        layout.WriteTag();
        using FileLock held = await FileLock.AcquireAsync(
            folder.Lock(content.Hash), content.Path, settings, cancellationToken).ConfigureAwait(false);
        bool downloaded = false;
        if (force || !await TryUseCachedAsync(content, folder, pointer, cancellationToken).ConfigureAwait(false))
        {
            await DownloadAsync(content, folder, held.IsExclusive, progress, cancellationToken).ConfigureAwait(false);
            await linker.PlaceAsync(folder, content.Hash, pointer, isNew: true, cancellationToken).ConfigureAwait(false);
            downloaded = true;
        }

        long size = FileProbe.Length(pointer)
            ?? throw new HubCacheException(pointer, "it disappeared right after it was written", null);
        progress.Finish(downloaded ? HubFileState.Completed : HubFileState.Cached, size);
        return new InstalledFile(pointer, size, downloaded);
    }

    /// <summary>How many bytes of this content would be downloaded, and how many of disk space that takes.</summary>
    public (long Download, long Space) Need(RemoteContent content, bool force)
    {
        RepoFolder folder = layout.Repo(content.Repo);
        if (content.Size is not { } size || (!force && IsCached(content, folder)))
        {
            return (0, 0);
        }

        PartialStore partials = Partials(content, folder);
        return (size - partials.Resumable(size), partials.SpaceNeeded(size));
    }

    /// <summary>Whether the snapshot or the blobs hold the content.</summary>
    public bool IsCached(RemoteContent content)
    {
        RepoFolder folder = layout.Repo(content.Repo);
        return IsCached(content, folder);
    }

    private static bool IsCached(RemoteContent content, RepoFolder folder) =>
        FileProbe.Is(folder.Pointer(content.Commit, content.Path), content.Size) || FileProbe.Is(folder.Blob(content.Hash), content.Size);

    private PartialStore Partials(RemoteContent content, RepoFolder folder) => new(folder.Blobs, content.Hash.Hex, content.Hash, settings);

    private async Task<bool> TryUseCachedAsync(
        RemoteContent content, RepoFolder folder, string pointer, CancellationToken cancellationToken)
    {
        // Another process may have finished it while we waited for the lock.
        if (FileProbe.Is(pointer, content.Size))
        {
            return true;
        }

        string blob = folder.Blob(content.Hash);
        if (FileProbe.Is(blob, content.Size))
        {
            if (await linker.PlaceAsync(folder, content.Hash, pointer, isNew: false, cancellationToken).ConfigureAwait(false))
            {
                return true;
            }
        }
        else if (FileProbe.Length(blob) is not null)
        {
            Log.CachedFileDamaged(settings.Logger, blob);
        }

        return await _finder.TryShareAsync(content, folder, cancellationToken).ConfigureAwait(false)
            && await linker.PlaceAsync(folder, content.Hash, pointer, isNew: true, cancellationToken).ConfigureAwait(false);
    }

    private async Task DownloadAsync(
        RemoteContent content, RepoFolder folder, bool exclusive, ProgressTracker.FileProgress progress,
        CancellationToken cancellationToken)
    {
        PartialStore partials = Partials(content, folder);
        if (content.Size is { } size)
        {
            SpaceCheck.Require(folder.Blobs, partials.SpaceNeeded(size), settings);
        }

        long length = await downloader.DownloadAsync(
            content, partials, folder.Blob(content.Hash), exclusive, progress, cancellationToken).ConfigureAwait(false);
        if (exclusive)
        {
            partials.RemoveOrphans(length);
        }
    }
}
