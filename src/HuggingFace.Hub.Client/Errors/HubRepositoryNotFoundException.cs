namespace HuggingFace.Hub.Client;

/// <summary>
/// The repository does not exist, or it is private and the request carried no token that may see it. The hub answers both
/// alike so that nobody can probe for private names.
/// </summary>
public sealed class HubRepositoryNotFoundException : HubException
{
    internal HubRepositoryNotFoundException(HubErrorContext context)
        : base(
            HubErrorCategory.NotFoundOrNotPermitted,
            $"Cannot find {context.Subject}: it does not exist, is private, or the token may not see it.",
            "Check the spelling of the id; for a private repository set HF_TOKEN to a token of a user who can read it.",
            context)
    {
        AllowsCacheFallback = true;
    }
}
