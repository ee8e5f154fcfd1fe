namespace HuggingFace.Hub.Client;

/// <summary>
/// Finds out which commit a revision is and which files it has, with as few requests as possible: none for a commit whose listing is known.
/// </summary>
internal sealed class RevisionResolver(HubServices services)
{
    /// <summary>The listing behind a revision, from the cache when the hub cannot be asked; writes nothing.</summary>
    public async Task<RepoListing> ListAsync(RepoId repo, string revision, CancellationToken cancellationToken)
    {
        RepoFolder folder = services.Layout.Repo(repo);
        RepoListing? cached = RefStore.Read(folder, revision) is { } commit
            ? TreeStore.Read(folder.Tree(commit), repo, commit, services.Settings)
            : null;
        try
        {
            return await ResolveAsync(
                repo, revision, folder.Tree, scratch: null, retries: cached is null, cancellationToken).ConfigureAwait(false);
        }
        catch (HubException error) when (cached is not null && error.AllowsCacheFallback)
        {
            Log.FallingBackToCache(services.Settings.Logger, repo.ToString(), error.Message);
            return cached;
        }
    }

    /// <summary>The listing behind a revision.</summary>
    /// <param name="repo">The repository.</param>
    /// <param name="revision">A branch, tag or commit.</param>
    /// <param name="treeOf">Where the listing of a commit is kept.</param>
    /// <param name="scratch">A directory for temporary files; null when nothing may be written.</param>
    /// <param name="retries">Whether passing failures are tried again; not when a copy on this machine could be used at once.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="HubException">The hub could not be asked or refused.</exception>
    public async Task<RepoListing> ResolveAsync(
        RepoId repo, string revision, Func<string, string> treeOf, string? scratch, bool retries, CancellationToken cancellationToken)
    {
        RetryRunner retry = retries ? services.Retry : RetryRunner.None;
        string commit = RevisionName.IsCommit(revision)
            ? revision
            : await retry.RunAsync(
                async token => await services.Listings.ResolveAsync(repo, revision, token).ConfigureAwait(false), cancellationToken)
                    .ConfigureAwait(false);
        if (TreeStore.Read(treeOf(commit), repo, commit, services.Settings) is { } known)
        {
            return known;
        }

        RepoListing listing = await services.Listings.ListAsync(repo, commit, retry, cancellationToken).ConfigureAwait(false);
        if (scratch is not null)
        {
            TreeStore.Write(treeOf(commit), listing, scratch, services.Settings);
        }

        return listing;
    }
}
