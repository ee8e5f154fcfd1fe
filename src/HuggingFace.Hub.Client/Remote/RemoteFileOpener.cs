using Microsoft.Win32.SafeHandles;

namespace HuggingFace.Hub.Client;

/// <summary>Finds out what a file on the hub is, and opens it.</summary>
internal static class RemoteFileOpener
{
    public static async Task<HubRemoteFile> OpenAsync(
        HubServices services, RepoId repo, string path, string revision, CancellationToken cancellationToken)
    {
        HubSettings settings = services.Settings;
        RepoPath.Check(path, settings.Seams.Rules, "asked for", fromServer: false);
        RepoFolder folder = services.Layout.Repo(repo);
        if ((settings.Offline || RevisionName.IsCommit(revision)) && FindCached(services, folder, repo, path, revision) is { } cached)
        {
            return cached;
        }

        RemoteContent content;
        try
        {
            content = await DescribeAsync(services, repo, path, revision, cancellationToken).ConfigureAwait(false);
        }
        catch (HubException error) when (error.AllowsCacheFallback && FindCached(services, folder, repo, path, revision) is { } copy)
        {
            Log.FallingBackToCache(settings.Logger, path, error.Message);
            return copy;
        }

        if (FileProbe.Is(folder.Blob(content.Hash), content.Size))
        {
            return OpenCached(content, folder.Blob(content.Hash));
        }

        return new HubRemoteFile(content, content.Size!.Value, new RemoteReader(services, content), null);
    }

    private static HubRemoteFile? FindCached(HubServices services, RepoFolder folder, RepoId repo, string path, string revision)
    {
        if (RefStore.Read(folder, revision) is not { } commit)
        {
            return null;
        }

        string pointer = folder.Pointer(commit, path);
        FileFacts? facts = FileFacts.Find(folder, commit, path, of => TreeStore.Read(folder.Tree(of), repo, of, services.Settings));
        // A cache that Python filled has no facts; there the name of the blob is the hash.
        ContentHash? hash = facts?.Hash
            ?? (ContentHash.TryParse(Path.GetFileName(new FileInfo(pointer).LinkTarget), out ContentHash? named) ? named : null);
        return hash is not null && FileProbe.Is(pointer, facts?.Size)
            ? OpenCached(new RemoteContent(repo, commit, path, hash, facts?.Size, null, null), pointer)
            : null;
    }

    private static HubRemoteFile OpenCached(RemoteContent content, string file)
    {
        SafeFileHandle handle = File.OpenHandle(
            file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.RandomAccess);
        return new HubRemoteFile(content, RandomAccess.GetLength(handle), null, handle);
    }

    private static async Task<RemoteContent> DescribeAsync(
        HubServices services, RepoId repo, string path, string revision, CancellationToken cancellationToken)
    {
        var context = new HubErrorContext { Repo = repo, Revision = revision, Path = path };
        FileMetadata metadata = await services.Retry.RunAsync(
            async token => await services.Metadata.ReadAsync(repo, revision, path, token).ConfigureAwait(false), cancellationToken)
                .ConfigureAwait(false);
        if (metadata is { Hash: { } hash, Size: not null })
        {
            return new RemoteContent(repo, metadata.Commit, path, hash, metadata.Size, metadata.Location, metadata.XetHash);
        }

        RepoListing listing = await services.Listings.ListAsync(repo, metadata.Commit, services.Retry, cancellationToken)
            .ConfigureAwait(false);
        return listing.Find(path) is { } file ? RemoteContent.Of(listing, file)
            : throw new HubEntryNotFoundException(context, metadata.Commit);
    }
}
