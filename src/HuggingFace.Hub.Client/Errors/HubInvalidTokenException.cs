namespace HuggingFace.Hub.Client;

/// <summary>The hub does not know the token that was sent, or it has expired.</summary>
public sealed class HubInvalidTokenException : HubException
{
    internal HubInvalidTokenException(HubErrorContext context)
        : base(
            HubErrorCategory.NotFoundOrNotPermitted,
            "The hub refused the access token as invalid or expired.",
            "Create a new token in the account's settings and set HF_TOKEN to it, or send none (SendToken = false) if all is public.",
            context)
    {
        AllowsCacheFallback = true;
    }
}
