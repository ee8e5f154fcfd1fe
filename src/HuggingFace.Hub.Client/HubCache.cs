namespace HuggingFace.Hub.Client;

/// <summary>
/// The cache on this machine, in the layout of Python's huggingface_hub: what is in it, whether it is sound, and how to make room. Makes no
/// request.
/// </summary>
public sealed class HubCache
{
    private readonly CacheLayout _layout;
    private readonly HubSettings _settings;

    /// <summary>A cache.</summary>
    /// <param name="directory">Its directory. Default: that of the environment.</param>
    /// <param name="environment">Where variables come from. Default: the process.</param>
    public HubCache(string? directory = null, HubEnvironment? environment = null)
        : this(new HubClientOptions { CacheDirectory = directory, Environment = environment ?? HubEnvironment.Process, SendToken = false })
    {
    }

    internal HubCache(HubClientOptions options)
    {
        _settings = new HubSettings(options);
        _layout = new CacheLayout(_settings.CacheDirectory);
    }

    internal HubCache(CacheLayout layout, HubSettings settings)
    {
        _layout = layout;
        _settings = settings;
    }

    /// <summary>The cache's directory; it need not exist.</summary>
    public string Directory => _layout.Root;

    /// <summary>What the cache holds.</summary>
    /// <returns>Repositories, revisions, files, partials, and warnings about what is not as it should be.</returns>
    public HubCacheInfo Scan() => new CacheScanner(_layout, _settings).Scan();

    /// <summary>The file that the cache holds for a revision, without asking the hub whether the revision has moved.</summary>
    /// <param name="repo">The repository; a string is the id of a model.</param>
    /// <param name="path">The file's path in the repository.</param>
    /// <param name="revision">A branch, tag or commit. Default: <c>main</c>.</param>
    /// <returns>The file's path; null when it is not here, or has not the size that it must have.</returns>
    /// <exception cref="HubPathException">The path is no plain relative one.</exception>
    public string? FindFile(RepoId repo, string path, string? revision = null)
    {
        (RepoFolder folder, string? commit) = Locate(repo, path, revision);
        if (commit is null)
        {
            return null;
        }

        string pointer = folder.Pointer(commit, path);
        FileFacts? facts = FileFacts.Find(folder, commit, path, of => TreeStore.Read(folder.Tree(of), repo, of, _settings));
        return FileProbe.Is(pointer, facts?.Size) ? pointer : null;
    }

    /// <summary>Whether the cache remembers that a revision lacks a file.</summary>
    /// <param name="repo">The repository; a string is the id of a model.</param>
    /// <param name="path">The file's path in the repository.</param>
    /// <param name="revision">A branch, tag or commit. Default: <c>main</c>.</param>
    /// <returns>Whether it is known to be absent; false when nothing is known.</returns>
    /// <exception cref="HubPathException">The path is no plain relative one.</exception>
    public bool IsKnownAbsent(RepoId repo, string path, string? revision = null)
    {
        (RepoFolder folder, string? commit) = Locate(repo, path, revision);
        return commit is not null
            && (NoExistStore.Contains(folder, commit, path)
                || (TreeStore.Read(folder.Tree(commit), repo, commit, _settings) is { } tree && tree.Find(path) is null));
    }

    /// <summary>Hashes all files and compares: the name of a blob is its hash, and listings tell the others'.</summary>
    /// <param name="repo">Only this repository. Default: all.</param>
    /// <param name="progress">Is told the number of bytes after each piece.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>What was checked, and all that is wrong.</returns>
    public Task<HubCacheVerification> VerifyAsync(
        RepoId? repo = null, IProgress<long>? progress = null, CancellationToken cancellationToken = default) =>
        Guard.RunAsync(_settings, () => new CacheVerifier(_layout, _settings).VerifyAsync(repo, progress, cancellationToken));

    /// <summary>Removes a repository, or one revision of it with the blobs that no other revision uses.</summary>
    /// <param name="repo">The repository; a string is the id of a model.</param>
    /// <param name="revision">A branch, tag or commit. Default: the whole repository.</param>
    /// <param name="dryRun">Whether only to tell what would be removed.</param>
    /// <returns>What was removed; empty when it was not there.</returns>
    /// <exception cref="HubCacheException">Something could not be removed.</exception>
    public HubCacheRemoval Remove(RepoId repo, string? revision = null, bool dryRun = false)
    {
        ArgumentNullException.ThrowIfNull(repo);
        RepoFolder folder = _layout.Repo(repo);
        string? name = revision is null ? null : RevisionName.Check(revision, _settings.Seams.Rules);
        return Change(dryRun, remover =>
        {
            if (!System.IO.Directory.Exists(folder.Root))
            {
                return;
            }

            if (name is null)
            {
                remover.RemoveRepo(folder);
            }
            else if (RefStore.Read(folder, name) is { } commit)
            {
                remover.RemoveRevisions(folder, cached => cached.Commit == commit);
            }
        });
    }

    /// <summary>Removes what nobody needs: detached revisions, unreferenced blobs, interrupted downloads.</summary>
    /// <param name="options">What of these. Default: all.</param>
    /// <returns>What was removed.</returns>
    /// <exception cref="HubCacheException">Something could not be removed.</exception>
    public HubCacheRemoval Prune(HubPruneOptions? options = null)
    {
        HubPruneOptions chosen = options ?? new HubPruneOptions();
        return Change(chosen.DryRun, remover =>
        {
            foreach (RepoFolder folder in _layout.Repos().OrderBy(folder => folder.Root, StringComparer.Ordinal).ToArray())
            {
                if (chosen.DetachedRevisions)
                {
                    remover.RemoveRevisions(folder, revision => revision.Refs.Count == 0);
                }

                if (chosen.UnreferencedBlobs)
                {
                    remover.RemoveUnreferencedBlobs(folder);
                }

                if (chosen.Partials)
                {
                    remover.RemovePartials(folder);
                }
            }
        });
    }

    private HubCacheRemoval Change(bool dryRun, Action<CacheRemover> change)
    {
        var remover = new CacheRemover(_layout, _settings, dryRun);
        try
        {
            change(remover);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new HubCacheException(_layout.Root, error.Message.TrimEnd('.'), error);
        }

        return remover.Result;
    }

    private (RepoFolder Folder, string? Commit) Locate(RepoId repo, string path, string? revision)
    {
        ArgumentNullException.ThrowIfNull(repo);
        ArgumentNullException.ThrowIfNull(path);
        RepoPath.Check(path, _settings.Seams.Rules, "asked for", fromServer: false);
        RepoFolder folder = _layout.Repo(repo);
        return (folder, RefStore.Read(folder, RevisionName.Check(revision, _settings.Seams.Rules)));
    }
}
