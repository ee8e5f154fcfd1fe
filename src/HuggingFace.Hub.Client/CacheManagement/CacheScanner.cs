namespace HuggingFace.Hub.Client;

/// <summary>Reads what a cache holds. One broken folder never hides the others.</summary>
internal sealed class CacheScanner(CacheLayout layout, HubSettings settings)
{
    public HubCacheInfo Scan()
    {
        var repos = new List<HubCachedRepo>();
        var partials = new List<HubPartial>();
        var warnings = new List<string>();
        foreach (RepoFolder folder in layout.Repos().OrderBy(folder => folder.Root, StringComparer.Ordinal))
        {
            try
            {
                partials.AddRange(FindPartials(folder));
                repos.Add(Scan(folder, warnings));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                warnings.Add($"{folder.Root}: {error.Message}");
            }
        }

        return new HubCacheInfo(layout.Root, repos, partials, warnings);
    }

    public HubCachedRepo Scan(RepoFolder folder, List<string> warnings)
    {
        ILookup<string, string> refs = ReadRefs(folder, warnings);
        var files = new Dictionary<string, (long Size, DateTime Modified)>(StringComparer.Ordinal);
        var revisions = new List<HubCachedRevision>();
        if (Directory.Exists(folder.Snapshots))
        {
            foreach (string directory in Directory.EnumerateDirectories(folder.Snapshots).Order(StringComparer.Ordinal))
            {
                revisions.Add(ScanRevision(folder, directory, refs, files, warnings));
            }
        }

        foreach (string commit in refs.Select(group => group.Key).Where(commit => revisions.All(revision => revision.Commit != commit)))
        {
            warnings.Add($"{folder.Root}: the reference '{string.Join("', '", refs[commit])}' points to {commit}, of which nothing is here");
        }

        DateTime modified = files.Count > 0 ? files.Values.Max(file => file.Modified) : Directory.GetLastWriteTimeUtc(folder.Root);
        return new HubCachedRepo(
            folder.Repo, folder.Root, revisions, files.Count, files.Values.Sum(file => file.Size), new DateTimeOffset(
                modified, TimeSpan.Zero));
    }

    public static IEnumerable<HubPartial> FindPartials(RepoFolder folder)
    {
        if (!Directory.Exists(folder.Blobs))
        {
            yield break;
        }

        foreach (string path in Directory.EnumerateFiles(folder.Blobs, "*.incomplete", Everything).Order(StringComparer.Ordinal))
        {
            yield return new HubPartial(
                path, FileProbe.Length(path) ?? 0, new DateTimeOffset(File.GetLastWriteTimeUtc(path), TimeSpan.Zero));
        }
    }

    private static EnumerationOptions Everything => new() { AttributesToSkip = 0 };

    private static HubCachedRevision ScanRevision(
        RepoFolder folder, string directory, ILookup<string, string> refs, Dictionary<string, (long Size, DateTime Modified)> seen,
        List<string> warnings)
    {
        string commit = Path.GetFileName(directory);
        var files = new List<HubCachedFile>();
        var distinct = new HashSet<string>(StringComparer.Ordinal);
        long size = 0;
        DateTime modified = default;
        foreach (string path in DirectoryListing.Files(directory))
        {
            string file = folder.Pointer(commit, path);
            if (FileProbe.Length(file) is not { } length)
            {
                warnings.Add($"{file}: the file that it links to is missing");
                continue;
            }

            string? blob = BlobOf(file);
            string key = blob ?? file;
            DateTime time = File.GetLastWriteTimeUtc(key);
            files.Add(new HubCachedFile(path, file, blob, length));
            seen[key] = (length, time);
            size += distinct.Add(key) ? length : 0;
            modified = time > modified ? time : modified;
        }

        modified = files.Count > 0 ? modified : Directory.GetLastWriteTimeUtc(directory);
        return new HubCachedRevision(
            commit, [.. refs[commit].Order(StringComparer.Ordinal)], directory, files, size, new DateTimeOffset(modified, TimeSpan.Zero));
    }

    /// <summary>The blob in the repository's own folder, which may itself be a link into a shared store.</summary>
    private static string? BlobOf(string pointer) =>
        new FileInfo(pointer).LinkTarget is { } target ? Path.GetFullPath(target, Path.GetDirectoryName(pointer)!) : null;

    private ILookup<string, string> ReadRefs(RepoFolder folder, List<string> warnings)
    {
        var refs = new List<(string Name, string Commit)>();
        foreach (string name in DirectoryListing.Files(folder.Refs))
        {
            if (RevisionName.IsCommit(name) || RepoPath.FindFault(name, settings.Seams.Rules) is not null
                || RefStore.Read(folder, name) is not { } commit)
            {
                warnings.Add($"{folder.Ref(name)}: holds no commit");
            }
            else
            {
                refs.Add((name, commit));
            }
        }

        return refs.ToLookup(item => item.Commit, item => item.Name, StringComparer.Ordinal);
    }
}
