namespace HuggingFace.Hub.Client;

/// <summary>Asks the hub about one file.</summary>
internal sealed class HubMetadataReader(HubSettings settings, HubTransport transport, HubUrls urls)
{
    /// <summary>One HEAD, redirects within the hub followed.</summary>
    /// <exception cref="HubException">The file cannot be had, or the answer cannot be used.</exception>
    public async Task<FileMetadata> ReadAsync(RepoId repo, string revision, string path, CancellationToken cancellationToken)
    {
        var context = new HubErrorContext { Repo = repo, Revision = revision, Path = path };
        var request = new HubRequest(
            HttpMethod.Head, urls.File(repo, revision, path), RedirectMode.StopAtForeign, context, settings.MetadataTimeout);
        using HubResponse response = await transport.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccess && response.ForeignTarget is null)
        {
            throw await transport.Errors.ToExceptionAsync(request, response, cancellationToken).ConfigureAwait(false);
        }

        return Interpret(transport.Errors.Describe(context, response), response);
    }

    /// <summary>Reads the hub's headers of an answer to a request for a file.</summary>
    /// <exception cref="HubResponseException">A header is missing or hostile.</exception>
    private FileMetadata Interpret(HubErrorContext context, HubResponse response)
    {
        string commit = CheckCommit(context, response.Headers.Commit ?? throw NoCommit(context));
        long? length = response.ForeignTarget is null ? response.Message.Content.Headers.ContentLength : null;
        return new FileMetadata(
            commit,
            FindHash(response),
            response.Headers.LinkedSizeValue ?? length,
            response.ForeignTarget,
            ContentHash.TryParse(response.Headers.XetHash, out ContentHash? xet) && xet.IsSha256 ? xet.Hex : null);
    }

    /// <summary>
    /// The content's hash; null where only the listing can tell. The ETag of an answer that leads to a CDN never counts: it may be the
    /// CDN's own, which is any 64 digits.
    /// </summary>
    private static ContentHash? FindHash(HubResponse response) => ContentHash.FromETag(
        response.Headers.LinkedETag
        ?? (response.IsHub && response.ForeignTarget is null ? HubHeaders.Find(response.Message, "ETag") : null));

    private string CheckCommit(HubErrorContext context, string commit) =>
        RevisionName.IsCommit(commit)
            ? commit
            : throw new HubResponseException(
                context,
                $"{context.Url} names the commit '{Redaction.Scrub(commit, settings.Token)}' in X-Repo-Commit, which is none; it is refused.");

    private static HubResponseException NoCommit(HubErrorContext context) => new(
        context,
        $"{context.Url} answered without the header X-Repo-Commit.",
        "The address is no Hugging Face hub, or a proxy or mirror drops the header: check HF_ENDPOINT.")
    {
        AllowsCacheFallback = true,
    };
}
