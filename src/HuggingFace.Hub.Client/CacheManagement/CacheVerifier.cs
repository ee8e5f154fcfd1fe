namespace HuggingFace.Hub.Client;

/// <summary>Hashes what a cache holds. No request is needed: a blob's name is its hash, and listings tell the others'.</summary>
internal sealed class CacheVerifier(CacheLayout layout, HubSettings settings)
{
    private readonly List<HubCacheProblem> _problems = [];
    private int _files;
    private long _bytes;
    private int _withoutHash;

    public async Task<HubCacheVerification> VerifyAsync(RepoId? repo, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        IEnumerable<RepoFolder> folders = repo is null ? layout.Repos() : [layout.Repo(repo)];
        foreach (RepoFolder folder in folders.OrderBy(folder => folder.Root, StringComparer.Ordinal))
        {
            ILookup<string, string> links = FindLinks(folder);
            foreach (string blob in Blobs(folder))
            {
                await VerifyBlobAsync(folder, blob, [.. links[blob]], progress, cancellationToken).ConfigureAwait(false);
            }

            foreach (IGrouping<string, string> link in links.Where(link => FileProbe.Length(link.Key) is null))
            {
                string? name = ContentHash.TryParse(Path.GetFileName(link.Key), out ContentHash? hash) ? hash.Hex : null;
                _problems.Add(new HubCacheProblem(HubCacheProblemKind.Missing, folder.Repo, link.Key, [.. link], name, null));
            }

            await VerifyRealFilesAsync(folder, progress, cancellationToken).ConfigureAwait(false);
        }

        return new HubCacheVerification(_files, _bytes, _withoutHash, _problems);
    }

    private static IEnumerable<string> Blobs(RepoFolder folder) =>
        Directory.Exists(folder.Blobs)
            ? Directory.EnumerateFiles(folder.Blobs).Where(path => !path.EndsWith(".incomplete", StringComparison.Ordinal)).Order(
                StringComparer.Ordinal)
            : [];

    private static ILookup<string, string> FindLinks(RepoFolder folder) =>
        DirectoryListing.Files(folder.Snapshots)
            .Select(path => Path.Combine(folder.Snapshots, path.Replace('/', Path.DirectorySeparatorChar)))
            .Select(path => (Path: path, Target: new FileInfo(path).LinkTarget))
            .Where(link => link.Target is not null)
            .ToLookup(link => Path.GetFullPath(link.Target!, Path.GetDirectoryName(link.Path)!), link => link.Path, StringComparer.Ordinal);

    private async Task VerifyBlobAsync(
        RepoFolder folder, string blob, IReadOnlyList<string> usedBy, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        if (FileProbe.Length(blob) is null)
        {
            // A dangling blob shows among the links, if any snapshot uses it.
            return;
        }

        if (!ContentHash.TryParse(Path.GetFileName(blob), out ContentHash? hash))
        {
            _withoutHash++;
            return;
        }

        await VerifyAsync(folder, blob, hash, usedBy, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Files that a snapshot holds itself (no links on that file system).</summary>
    private async Task VerifyRealFilesAsync(RepoFolder folder, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(folder.Snapshots))
        {
            return;
        }

        foreach (string directory in Directory.EnumerateDirectories(folder.Snapshots).Order(StringComparer.Ordinal))
        {
            string commit = Path.GetFileName(directory);
            var tree = new Lazy<RepoListing?>(() => TreeStore.Read(folder.Tree(commit), folder.Repo, commit, settings));
            foreach (string path in DirectoryListing.Files(directory))
            {
                string file = folder.Pointer(commit, path);
                if (new FileInfo(file).LinkTarget is not null)
                {
                    continue;
                }

                if (FileFacts.Find(folder, commit, path, _ => tree.Value) is { } facts)
                {
                    await VerifyAsync(folder, file, facts.Hash, [file], progress, cancellationToken).ConfigureAwait(false);
                }
                else
                {
                    _withoutHash++;
                }
            }
        }
    }

    private async Task VerifyAsync(
        RepoFolder folder, string file, ContentHash hash, IReadOnlyList<string> usedBy, IProgress<long>? progress,
        CancellationToken cancellationToken)
    {
        try
        {
            string actual = await VerifiedFile.HashAsync(file, hash, progress, cancellationToken).ConfigureAwait(false);
            _files++;
            _bytes += FileProbe.Length(file) ?? 0;
            if (actual != hash.Hex)
            {
                _problems.Add(new HubCacheProblem(HubCacheProblemKind.Damaged, folder.Repo, file, usedBy, hash.Hex, actual));
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Log.Ignoring(settings.Logger, file, error.Message);
            _problems.Add(new HubCacheProblem(HubCacheProblemKind.Unreadable, folder.Repo, file, usedBy, hash.Hex, null));
        }
    }
}
