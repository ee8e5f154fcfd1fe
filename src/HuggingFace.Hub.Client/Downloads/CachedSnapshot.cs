namespace HuggingFace.Hub.Client;

/// <summary>A snapshot as it is on this machine, for when the hub is not or cannot be asked.</summary>
internal sealed class CachedSnapshot(HubServices services, RepoId repo, string revision, IFileSelector selector, LocalFolder? local)
{
    private readonly HubSettings _settings = services.Settings;
    private readonly RepoFolder _folder = services.Layout.Repo(repo);

    private HubErrorContext Context => new() { Repo = repo, Revision = revision };

    private string? Commit => RefStore.Read(_folder, revision);

    /// <summary>Whether there is anything that could be handed out.</summary>
    public bool Exists => local is null
        ? Commit is { } commit && Directory.Exists(_folder.Snapshot(commit))
        : local.ListFiles().Count > 0;

    /// <summary>The snapshot, complete.</summary>
    /// <param name="reason">Why the hub could not be asked; null when it must not be.</param>
    /// <param name="progress">Who is told of the files.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HubLocalEntryNotFoundException">There is nothing.</exception>
    /// <exception cref="HubIncompleteSnapshotException">Something is missing.</exception>
    public async Task<HubSnapshot> LoadAsync(HubException? reason, IProgress<HubProgress>? progress, CancellationToken cancellationToken)
    {
        if (!Exists)
        {
            throw reason ?? new HubLocalEntryNotFoundException(Context, local?.Root ?? _settings.CacheDirectory);
        }

        string? commit = Commit;
        string directory = local?.Root ?? _folder.Snapshot(commit!);
        RepoListing? listing = commit is null ? null
            : TreeStore.Read(local?.TreeOf(commit) ?? _folder.Tree(commit), repo, commit, _settings);
        IReadOnlyList<string> all = listing is not null
            ? [.. listing.Files.Select(file => file.Path)]
            : [.. (local?.ListFiles() ?? DirectoryListing.Files(directory)).Where(
                path => RepoPath.FindFault(path, _settings.Seams.Rules) is null)];
        IReadOnlyList<string> paths = await SelectAsync(all, directory, reason, cancellationToken).ConfigureAwait(false);

        var files = new List<HubFile>(paths.Count);
        var missing = new List<string>();
        foreach (string path in paths)
        {
            string file = LocalPath(directory, path);
            long? size = FileProbe.Length(file);
            if (size is null || (listing?.Find(path) is { } entry && entry.Size != size))
            {
                missing.Add(path);
            }
            else
            {
                files.Add(new HubFile(path, file, commit ?? "", size.Value, WasDownloaded: false));
            }
        }

        if (missing.Count > 0)
        {
            throw new HubIncompleteSnapshotException(Context, directory, missing, reason);
        }

        if (reason is not null)
        {
            Log.FallingBackToCache(_settings.Logger, Context.Subject, reason.Message);
        }

        Report(files, progress);
        return new HubSnapshot(repo, commit ?? "", directory, files);
    }

    private static string LocalPath(string directory, string path) =>
        Path.Combine(directory, path.Replace('/', Path.DirectorySeparatorChar));

    private async Task<IReadOnlyList<string>> SelectAsync(
        IReadOnlyList<string> all, string directory, HubException? reason, CancellationToken cancellationToken)
    {
        try
        {
            return await selector.SelectAsync(
                all,
                async (path, token) => FileProbe.Length(LocalPath(directory, path)) is not null
                    ? await File.ReadAllBytesAsync(LocalPath(directory, path), token).ConfigureAwait(false)
                    : throw new HubIncompleteSnapshotException(Context, directory, [path], reason),
                Context,
                cancellationToken).ConfigureAwait(false);
        }
        catch (HubEntryNotFoundException absent)
        {
            // Absent here may be present there.
            throw new HubIncompleteSnapshotException(Context, directory, absent.Paths, reason ?? (Exception)absent);
        }
    }

    private void Report(List<HubFile> files, IProgress<HubProgress>? progress)
    {
        if (progress is null)
        {
            return;
        }

        var tracker = new ProgressTracker(progress, files.Select(file => (long?)file.Size), _settings.Time);
        foreach (HubFile file in files)
        {
            tracker.Begin(file.Path, file.Size).Finish(HubFileState.Cached, file.Size);
        }
    }
}
