namespace HuggingFace.Hub.Client;

/// <summary>The repository's files are given only to users whom its owner has let in.</summary>
public sealed class HubGatedRepositoryException : HubException
{
    internal HubGatedRepositoryException(HubErrorContext context, Uri requestAccessUrl)
        : base(
            HubErrorCategory.NotFoundOrNotPermitted,
            $"Access to {context.Subject} is gated.",
            $"Ask for access at {requestAccessUrl} and set HF_TOKEN to a valid token of the account that was let in.",
            context)
    {
        RequestAccessUrl = requestAccessUrl;
        AllowsCacheFallback = true;
    }

    /// <summary>The page on which a logged-in user can ask for access.</summary>
    public Uri RequestAccessUrl { get; }
}
