namespace HuggingFace.Hub.Client;

/// <summary>
/// The download of a selection of a repository's files: one commit for all, checked for disk space before the first byte.
/// </summary>
internal sealed class SnapshotDownload(HubServices services, RepoId repo, IFileSelector selector, HubDownloadOptions options)
{
    private readonly HubSettings _settings = services.Settings;
    private readonly RepoFolder _folder = services.Layout.Repo(repo);
    private readonly string _revision = RevisionName.Check(options.Revision, services.Settings.Seams.Rules);
    private readonly LocalFolder? _local = options.LocalDirectory is { } directory ? new LocalFolder(directory, services.Settings) : null;

    private HubErrorContext Context => new() { Repo = repo, Revision = _revision };

    public async Task<HubSnapshot> RunAsync(IProgress<HubProgress>? progress, CancellationToken cancellationToken)
    {
        var cached = new CachedSnapshot(services, repo, _revision, selector, _local);
        if (services.IsOffline(options))
        {
            return await cached.LoadAsync(null, progress, cancellationToken).ConfigureAwait(false);
        }

        RepoListing listing;
        bool canFallBack = !options.ForceDownload && cached.Exists;
        try
        {
            listing = await ResolveAsync(retries: !canFallBack, cancellationToken).ConfigureAwait(false);
        }
        catch (HubException error) when (canFallBack && error.AllowsCacheFallback)
        {
            try
            {
                return await cached.LoadAsync(error, progress, cancellationToken).ConfigureAwait(false);
            }
            catch (HubIncompleteSnapshotException) when (error.IsTransient)
            {
                // What is here does not do, so the hub gets the patience that it would have got without it.
                listing = await ResolveAsync(retries: true, cancellationToken).ConfigureAwait(false);
            }
        }

        IReadOnlyList<RepoFile> files = await SelectAsync(listing, ReadByInstallingAsync(listing), cancellationToken).ConfigureAwait(false);
        SpaceCheck.Require(_local?.Root ?? _settings.CacheDirectory, files.Sum(file => Need(listing, file).Space), _settings);
        HubFile[] installed = await InstallAllAsync(listing, files, progress, cancellationToken).ConfigureAwait(false);
        if (_local is null)
        {
            // Only now: until everything is there, the branch keeps pointing to the snapshot that works.
            Directory.CreateDirectory(_folder.Snapshot(listing.Commit));
            RefStore.Write(_folder, _revision, listing.Commit, _settings);
        }

        return new HubSnapshot(repo, listing.Commit, _local?.Root ?? _folder.Snapshot(listing.Commit), installed);
    }

    public async Task<HubDownloadPlan> PlanAsync(CancellationToken cancellationToken)
    {
        if (services.IsOffline(options))
        {
            throw new HubOfflineException(Context);
        }

        RepoListing listing = await new RevisionResolver(services)
            .ResolveAsync(repo, _revision, TreeOf, scratch: null, retries: true, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<RepoFile> files = await SelectAsync(listing, ReadWithoutInstalling(listing), cancellationToken).ConfigureAwait(false);
        string target = _local?.Root ?? _folder.Snapshot(listing.Commit);
        return new HubDownloadPlan(
            repo,
            listing.Commit,
            target,
            [.. files.Select(file => Plan(listing, file))],
            _settings.Seams.AvailableSpace(_local?.Root ?? _settings.CacheDirectory));
    }

    private Task<RepoListing> ResolveAsync(bool retries, CancellationToken cancellationToken)
    {
        _local?.Prepare();
        return new RevisionResolver(services).ResolveAsync(
            repo, _revision, TreeOf, _local?.Trees ?? _folder.Blobs, retries, cancellationToken);
    }

    private string TreeOf(string commit) => _local?.TreeOf(commit) ?? _folder.Tree(commit);

    private async Task<IReadOnlyList<RepoFile>> SelectAsync(
        RepoListing listing, Func<string, CancellationToken, Task<byte[]>> read, CancellationToken cancellationToken)
    {
        string[] all = [.. listing.Files.Select(file => file.Path)];
        IReadOnlyList<string> paths = await selector.SelectAsync(all, read, Context, cancellationToken).ConfigureAwait(false);
        RepoPath.CheckCollisions(paths, _settings.Seams.Rules, "in the repository's listing");
        foreach (string path in paths)
        {
            _local?.Check(path);
        }

        return [.. paths.Select(path => listing.Find(path)!)];
    }

    private Func<string, CancellationToken, Task<byte[]>> ReadByInstallingAsync(RepoListing listing) => async (path, token) =>
    {
        RepoFile file = SmallFile.Check(listing, path, Context);
        var silent = new ProgressTracker(null, [file.Size], _settings.Time);
        InstalledFile installed = await InstallAsync(listing, file, silent, token).ConfigureAwait(false);
        return await File.ReadAllBytesAsync(installed.LocalPath, token).ConfigureAwait(false);
    };

    private Func<string, CancellationToken, Task<byte[]>> ReadWithoutInstalling(RepoListing listing) => async (path, token) =>
    {
        RepoFile file = SmallFile.Check(listing, path, Context);
        string cached = _local?.FileOf(path) ?? _folder.Pointer(listing.Commit, path);
        return FileProbe.Is(cached, file.Size)
            && await VerifiedFile.HashAsync(cached, file.Hash, null, token).ConfigureAwait(false) == file.Hash.Hex
            ? await File.ReadAllBytesAsync(cached, token).ConfigureAwait(false)
            : await SmallFile.ReadAsync(services, RemoteContent.Of(listing, file), token).ConfigureAwait(false);
    };

    private async Task<HubFile[]> InstallAllAsync(
        RepoListing listing, IReadOnlyList<RepoFile> files, IProgress<HubProgress>? progress, CancellationToken cancellationToken)
    {
        var tracker = new ProgressTracker(progress, files.Select(file => (long?)file.Size), _settings.Time);
        var results = new HubFile[files.Count];

        // The largest first, so that the last connection to finish is not one that has only just begun.
        var order = new System.Collections.Concurrent.ConcurrentQueue<int>(
            Enumerable.Range(0, files.Count).OrderByDescending(i => files[i].Size));
        int workers = Math.Min(_settings.Options.MaxParallelFiles, files.Count);
        await WorkTogether.RunAsync(
            workers,
            async (_, stop) =>
            {
                while (!stop.IsCancellationRequested && order.TryDequeue(out int index))
                {
                    RepoFile file = files[index];
                    InstalledFile installed = await InstallAsync(listing, file, tracker, stop).ConfigureAwait(false);
                    results[index] = new HubFile(file.Path, installed.LocalPath, listing.Commit, installed.Size, installed.WasDownloaded);
                }
            },
            cancellationToken).ConfigureAwait(false);
        return results;
    }

    private Task<InstalledFile> InstallAsync(
        RepoListing listing, RepoFile file, ProgressTracker tracker, CancellationToken cancellationToken)
    {
        var content = RemoteContent.Of(listing, file);
        ProgressTracker.FileProgress progress = tracker.Begin(file.Path, file.Size);
        if (_local is null)
        {
            return services.Cache.InstallAsync(content, options.ForceDownload, progress, cancellationToken);
        }

        if (!options.ForceDownload && LocalInstaller.FindPinned(_local, file.Path, listing.Commit, file.Size) is { } there)
        {
            progress.Finish(HubFileState.Cached, there.Size);
            return Task.FromResult(there);
        }

        return services.Local.InstallAsync(_local, content, options.ForceDownload, progress, cancellationToken);
    }

    private (long Download, long Space) Need(RepoListing listing, RepoFile file)
    {
        var content = RemoteContent.Of(listing, file);
        return _local is null
            ? services.Cache.Need(content, options.ForceDownload)
            : LocalInstaller.Need(_local, content, options.ForceDownload);
    }

    private HubPlannedFile Plan(RepoListing listing, RepoFile file)
    {
        var content = RemoteContent.Of(listing, file);
        bool isCached = _local is null ? services.Cache.IsCached(content) : LocalInstaller.LooksCurrent(_local, content);
        bool willDownload = options.ForceDownload || !isCached;
        string target = _local?.FileOf(file.Path) ?? _folder.Pointer(listing.Commit, file.Path);
        return new HubPlannedFile(file.Path, file.Size, target, isCached, willDownload, willDownload ? Need(listing, file).Download : 0);
    }
}
