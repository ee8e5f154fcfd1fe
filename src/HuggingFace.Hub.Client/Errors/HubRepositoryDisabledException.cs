namespace HuggingFace.Hub.Client;

/// <summary>The hub has disabled the repository for everybody.</summary>
public sealed class HubRepositoryDisabledException : HubException
{
    internal HubRepositoryDisabledException(HubErrorContext context)
        : base(
            HubErrorCategory.NotFoundOrNotPermitted,
            $"The hub has disabled {context.Subject}.",
            "Look on the repository's page for the reason, or use another repository.",
            context)
    {
        AllowsCacheFallback = true;
    }
}
