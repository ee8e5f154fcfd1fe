namespace HuggingFace.Hub.Client;

/// <summary>Asks the hub which commit a revision is, and for all files of a commit.</summary>
internal sealed class HubListingReader(HubSettings settings, HubTransport transport, HubUrls urls)
{
    private const int MaxFiles = 1_000_000;
    // A million files in the smallest pages that the hub makes (50 entries).
    private const int MaxPages = MaxFiles / 50;
    private const string Source = "in the repository's listing";
    private readonly JsonReader _json = new(settings, transport);

    /// <summary>The commit behind a branch or tag.</summary>
    /// <exception cref="HubException">The hub refused or its answer cannot be used.</exception>
    public async Task<string> ResolveAsync(RepoId repo, string revision, CancellationToken cancellationToken)
    {
        var context = new HubErrorContext { Repo = repo, Revision = revision };
        Uri url = urls.Revision(repo, revision);
        (RevisionJson answer, _) = await _json.GetAsync(url, context, ApiJson.Default.RevisionJson, cancellationToken)
            .ConfigureAwait(false);
        return RevisionName.IsCommit(answer.Sha)
            ? answer.Sha!
            : throw new HubResponseException(
                context with { Url = Redaction.Url(url) },
                $"{Redaction.Url(url)} names the commit '{Redaction.Scrub(answer.Sha, settings.Token)}', which is none; it is refused.");
    }

    /// <summary>All files of a commit, page by page; every name and hash is checked.</summary>
    /// <exception cref="HubException">The hub refused or its answer cannot be used.</exception>
    public async Task<RepoListing> ListAsync(
        RepoId repo, string commit, RetryRunner retry, CancellationToken cancellationToken)
    {
        var context = new HubErrorContext { Repo = repo, Revision = commit };
        var files = new Dictionary<string, RepoFile>(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (Uri? page = urls.Tree(repo, commit); page is not null;)
        {
            Uri url = page;
            HubErrorContext at = context with { Url = Redaction.Url(url) };
            if (!seen.Add(url.AbsoluteUri))
            {
                throw new HubResponseException(at, $"The listing of {repo} leads in a circle.");
            }

            (List<TreeEntryJson> entries, string? link) = await retry.RunAsync(
                async token => await _json.GetAsync(url, context, ApiJson.Default.ListTreeEntryJson, token).ConfigureAwait(false),
                cancellationToken).ConfigureAwait(false);
            foreach (TreeEntryJson entry in entries)
            {
                Add(files, entry, at);
            }

            page = FindNext(link, url, at);
            if (page is not null && (entries.Count == 0 || seen.Count >= MaxPages))
            {
                // Each page of its own address, so no circle, and never an end.
                throw new HubResponseException(at, $"The listing of {repo} has no end: page {seen.Count} holds {entries.Count} entries and names a next one.");
            }
        }

        RepoPath.CheckNesting(files, Source);
        return new RepoListing(repo, commit, files.Values);
    }

    private void Add(Dictionary<string, RepoFile> files, TreeEntryJson? entry, HubErrorContext context)
    {
        if (entry is null || entry.Type == "directory")
        {
            return;
        }

        if (entry.Type != "file" || entry.Path is null)
        {
            throw new HubResponseException(
                context, $"The listing holds an entry of the unknown type '{Redaction.Scrub(entry.Type, settings.Token)}'.");
        }

        RepoPath.Check(entry.Path, settings.Seams.Rules, Source);
        RepoFile? file = RepoFileFactory.TryCreate(entry.Path, entry.Lfs?.Size ?? entry.Size, entry.Oid, entry.Lfs?.Oid, entry.XetHash);
        if (file is null || (entry.Lfs is not null && file.Sha256 is null))
        {
            throw new HubResponseException(
                context, $"The listing's entry for '{Redaction.Escape(entry.Path)}' lacks a valid hash or size.");
        }

        if (!files.TryAdd(file.Path, file) || files.Count > MaxFiles)
        {
            throw new HubResponseException(
                context, $"The listing names '{Redaction.Escape(entry.Path)}' twice, or more than {MaxFiles} files.");
        }
    }

    /// <summary>The page that <c>Link: &lt;url&gt;; rel="next"</c> names.</summary>
    private Uri? FindNext(string? link, Uri current, HubErrorContext context)
    {
        foreach (string part in (link ?? "").Split(','))
        {
            int begin = part.IndexOf('<', StringComparison.Ordinal), end = part.IndexOf('>', StringComparison.Ordinal);
            if (begin < 0 || end < begin
                || !part[end..].Replace(" ", "", StringComparison.Ordinal).Contains("rel=\"next\"", StringComparison.Ordinal))
            {
                continue;
            }

            if (Uri.TryCreate(current, part[(begin + 1)..end], out Uri? next)
                && transport.IsHub(next)
                && (next.Scheme == Uri.UriSchemeHttps || current.Scheme == Uri.UriSchemeHttp))
            {
                return next;
            }

            throw new HubResponseException(
                context,
                "The listing's next page is not on the hub; it is not followed.",
                "The mirror does not rewrite the hub's links: use another HF_ENDPOINT, or name the address in TrustedEndpoints.");
        }

        return null;
    }
}
