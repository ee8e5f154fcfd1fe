namespace HuggingFace.Hub.Client;

/// <summary>
/// Removes revisions, blobs and partials. Never what a link leads to outside the repository's own folder, and never what a running download
/// uses.
/// </summary>
internal sealed class CacheRemover(CacheLayout layout, HubSettings settings, bool dryRun)
{
    private const string PartialSuffix = ".incomplete";
    private readonly CacheScanner _scanner = new(layout, settings);
    private readonly List<HubRemovedRevision> _revisions = [];
    private readonly List<string> _files = [];
    private long _freed;

    public HubCacheRemoval Result => new(_revisions, _files, _freed, dryRun);

    /// <summary>Removes revisions with the blobs that only they use.</summary>
    public void RemoveRevisions(RepoFolder folder, Func<HubCachedRevision, bool> which)
    {
        HubCachedRepo repo = _scanner.Scan(folder, []);
        HubCachedRevision[] gone = [.. repo.Revisions.Where(which)];
        HashSet<string> kept = [.. repo.Revisions.Except(gone).SelectMany(revision => revision.Files).Select(
            file => file.BlobPath ?? file.LocalPath)];
        foreach (HubCachedRevision revision in gone)
        {
            _revisions.Add(new HubRemovedRevision(folder.Repo, revision.Commit));

            // The references first: a reference without its snapshot is what other tools call corrupt.
            foreach (string name in revision.Refs)
            {
                Delete(folder.Ref(name));
            }

            foreach (HubCachedFile file in revision.Files.Where(file => file.BlobPath is null))
            {
                Count(file.LocalPath, file.Size);
            }

            DeleteTree(revision.Directory);
            DeleteTree(Path.Combine(folder.NoExist, revision.Commit));
            DeleteTree(Path.Combine(folder.Facts, revision.Commit));
            Delete(folder.Tree(revision.Commit));
        }

        string own = folder.Blobs + Path.DirectorySeparatorChar;
        foreach (string blob in gone.SelectMany(revision => revision.Files).Select(file => file.BlobPath).OfType<string>().Distinct(
            StringComparer.Ordinal))
        {
            if (!kept.Contains(blob) && blob.StartsWith(own, StringComparison.Ordinal))
            {
                RemoveBlob(blob);
            }
        }
    }

    /// <summary>Removes a repository's whole folder.</summary>
    public void RemoveRepo(RepoFolder folder)
    {
        RemoveRevisions(folder, _ => true);
        RemoveUnreferencedBlobs(folder);
        RemovePartials(folder);
        bool busy = CacheScanner.FindPartials(folder).Any();
        if (!busy)
        {
            if (_revisions.Count == 0 && _files.Count == 0)
            {
                // A listing or a marker of absence is all that a refused download left.
                foreach (string path in DirectoryListing.Files(folder.Root))
                {
                    string file = Path.Combine(folder.Root, path.Replace('/', Path.DirectorySeparatorChar));
                    Count(file, FileProbe.Length(file) ?? 0);
                }
            }

            DeleteTree(folder.Root);
        }
    }

    public void RemoveUnreferencedBlobs(RepoFolder folder)
    {
        if (!Directory.Exists(folder.Blobs))
        {
            return;
        }

        HashSet<string> used = [.. _scanner.Scan(folder, []).Revisions
            .Where(revision => !_revisions.Contains(new HubRemovedRevision(folder.Repo, revision.Commit)))
            .SelectMany(revision => revision.Files).Select(file => file.BlobPath).OfType<string>()];
        foreach (string blob in Directory.EnumerateFiles(folder.Blobs).Order(StringComparer.Ordinal).ToArray())
        {
            bool planned = _files.Contains(blob);
            if (!planned && !used.Contains(blob) && !blob.EndsWith(PartialSuffix, StringComparison.Ordinal)
                && TryHold(folder, blob) is { } held)
            {
                using (held)
                {
                    RemoveBlob(blob);
                }
            }
        }
    }

    public void RemovePartials(RepoFolder folder)
    {
        foreach (HubPartial partial in CacheScanner.FindPartials(folder).ToArray())
        {
            if (TryHold(folder, partial.FilePath) is { } held)
            {
                using (held)
                {
                    Count(partial.FilePath, partial.Size);
                    Delete(partial.FilePath);
                }
            }
        }
    }

    /// <summary>The lock that a download of that blob holds; null when one is running.</summary>
    private FileLock? TryHold(RepoFolder folder, string file)
    {
        string name = Path.GetFileName(file);
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        string stem = dot < 0 ? name : name[..dot];
        string lockFile = Path.Combine(folder.LocksRoot, stem + ".lock");
        return !ContentHash.TryParse(stem, out _) || !File.Exists(lockFile) ? FileLock.None : FileLock.TryAcquire(lockFile, settings);
    }

    private void RemoveBlob(string blob)
    {
        Count(blob, new FileInfo(blob).LinkTarget is null ? FileProbe.Length(blob) ?? 0 : 0);
        Delete(blob);
    }

    private void Count(string file, long bytes)
    {
        _files.Add(file);
        _freed += bytes;
    }

    private void Delete(string file)
    {
        if (!dryRun)
        {
            File.Delete(file);
        }
    }

    private void DeleteTree(string directory)
    {
        if (!dryRun && Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
