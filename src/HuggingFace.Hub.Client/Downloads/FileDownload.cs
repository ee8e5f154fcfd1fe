namespace HuggingFace.Hub.Client;

/// <summary>The download of one file: one HEAD for a branch, no request for a commit that is cached.</summary>
internal sealed class FileDownload(HubServices services, RepoId repo, string path, HubFileOptions options)
{
    private readonly HubSettings _settings = services.Settings;
    private readonly RepoFolder _folder = services.Layout.Repo(repo);
    private readonly string _revision = RevisionName.Check(options.Revision, services.Settings.Seams.Rules);
    private readonly LocalFolder? _local = options.LocalDirectory is { } directory ? new LocalFolder(directory, services.Settings) : null;

    private HubErrorContext Context => new() { Repo = repo, Revision = _revision, Path = path };

    public async Task<HubFile> RunAsync(IProgress<HubProgress>? progress, CancellationToken cancellationToken)
    {
        RepoPath.Check(path, _settings.Seams.Rules, "asked for", fromServer: false);
        _local?.Check(path);
        bool offline = services.IsOffline(options);
        if (!options.ForceDownload && FindWithoutRequest() is { } there)
        {
            ReportCached(there, progress);
            return there;
        }

        if (offline)
        {
            HubFile found = FindOffline() ?? throw new HubLocalEntryNotFoundException(Context, _local?.Root ?? _settings.CacheDirectory);
            ReportCached(found, progress);
            return found;
        }

        RemoteContent content;
        try
        {
            content = await DescribeAsync(retries: options.ForceDownload || FindOffline() is null, cancellationToken).ConfigureAwait(false);
        }
        catch (HubException error) when (error.AllowsCacheFallback && !options.ForceDownload && FindOffline() is { } copy)
        {
            Log.FallingBackToCache(_settings.Logger, Context.Subject, error.Message);
            ReportCached(copy, progress);
            return copy;
        }

        var tracker = new ProgressTracker(progress, [content.Size], _settings.Time);
        ProgressTracker.FileProgress file = tracker.Begin(path, content.Size);
        InstalledFile installed = _local is null
            ? await services.Cache.InstallAsync(content, options.ForceDownload, file, cancellationToken).ConfigureAwait(false)
            : await services.Local.InstallAsync(_local, content, options.ForceDownload, file, cancellationToken).ConfigureAwait(false);
        if (_local is null)
        {
            FileFacts.Write(_folder, content.Commit, path, new FileFacts(content.Hash, installed.Size), _settings);
            RefStore.Write(_folder, _revision, content.Commit, _settings);
        }

        return new HubFile(path, installed.LocalPath, content.Commit, installed.Size, installed.WasDownloaded);
    }

    /// <summary>A commit never changes: what is there for it needs no request, and what is known to be absent neither.</summary>
    private HubFile? FindWithoutRequest()
    {
        if (!RevisionName.IsCommit(_revision))
        {
            return null;
        }

        if (_local is not null)
        {
            return LocalInstaller.FindPinned(
                _local, path, _revision, TreeStore.Read(_local.TreeOf(_revision), repo, _revision, _settings)?.Find(path)?.Size)
                is { } local ? Describe(local, _revision) : null;
        }

        if (FindInSnapshot(_revision) is { } file)
        {
            return file;
        }

        return NoExistStore.Contains(_folder, _revision, path) ? throw new HubEntryNotFoundException(Context, _revision) : null;
    }

    /// <summary>The best copy on this machine when the hub is not or cannot be asked.</summary>
    private HubFile? FindOffline()
    {
        if (_local is not null)
        {
            string file = _local.FileOf(path);
            return FileProbe.Length(file) is { } size
                ? new HubFile(path, file, LocalMetadata.Read(_local.MetadataOf(path), file)?.Commit ?? "", size, WasDownloaded: false)
                : null;
        }

        if (RefStore.Read(_folder, _revision) is not { } commit)
        {
            return null;
        }

        HubFile? found = FindInSnapshot(commit);
        return found is null && NoExistStore.Contains(_folder, commit, path) && services.IsOffline(options)
            ? throw new HubEntryNotFoundException(Context, commit)
            : found;
    }

    private HubFile? FindInSnapshot(string commit)
    {
        string pointer = _folder.Pointer(commit, path);
        if (FileProbe.Length(pointer) is not { } length)
        {
            return null;
        }

        FileFacts? facts = FileFacts.Find(_folder, commit, path, of => TreeStore.Read(_folder.Tree(of), repo, of, _settings));
        if (facts is not null && facts.Size != length)
        {
            Log.CachedFileDamaged(_settings.Logger, pointer);
            return null;
        }

        return new HubFile(path, pointer, commit, length, WasDownloaded: false);
    }

    private async Task<RemoteContent> DescribeAsync(bool retries, CancellationToken cancellationToken)
    {
        if (RevisionName.IsCommit(_revision)
            && TreeStore.Read(_local?.TreeOf(_revision) ?? _folder.Tree(_revision), repo, _revision, _settings) is { } tree)
        {
            return tree.Find(path) is { } entry
                ? RemoteContent.Of(tree, entry)
                : throw new HubEntryNotFoundException(Context, _revision);
        }

        RetryRunner retry = retries ? services.Retry : RetryRunner.None;
        try
        {
            FileMetadata metadata = await retry.RunAsync(
                async token => await services.Metadata.ReadAsync(repo, _revision, path, token).ConfigureAwait(false), cancellationToken)
                    .ConfigureAwait(false);
            return metadata.Hash is { } hash
                ? new RemoteContent(repo, metadata.Commit, path, hash, metadata.Size, metadata.Location, metadata.XetHash)
                : await DescribeFromListingAsync(metadata, retry, cancellationToken).ConfigureAwait(false);
        }
        catch (HubEntryNotFoundException absent) when (absent.Commit is { } commit)
        {
            if (_local is null)
            {
                NoExistStore.Add(_folder, commit, path, _settings);
                RefStore.Write(_folder, _revision, commit, _settings);
            }

            throw;
        }
    }

    /// <summary>For servers whose ETag is no hash of the content: the listing has one.</summary>
    private async Task<RemoteContent> DescribeFromListingAsync(
        FileMetadata metadata, RetryRunner retry, CancellationToken cancellationToken)
    {
        RepoListing listing = await services.Listings.ListAsync(repo, metadata.Commit, retry, cancellationToken).ConfigureAwait(false);
        return listing.Find(path) is { } file
            ? RemoteContent.Of(listing, file)
            : throw new HubResponseException(Context,
                $"The server names no hash of '{Redaction.Escape(path)}' that its content could be checked against; it is refused.");
    }

    private HubFile Describe(InstalledFile file, string commit) => new(path, file.LocalPath, commit, file.Size, file.WasDownloaded);

    private void ReportCached(HubFile file, IProgress<HubProgress>? progress) =>
        new ProgressTracker(progress, [file.Size], _settings.Time).Begin(path, file.Size).Finish(HubFileState.Cached, file.Size);
}
