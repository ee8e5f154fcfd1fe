namespace HuggingFace.Hub.Client;

/// <summary>The token is valid, but it does not permit this (a fine-grained token without the needed scope, a blocked region …).</summary>
public sealed class HubForbiddenException : HubException
{
    internal HubForbiddenException(HubErrorContext context)
        : base(
            HubErrorCategory.NotFoundOrNotPermitted,
            $"The server forbids access to {context.Subject}.",
            "Check the token's permissions; a fine-grained token needs read access to the contents of gated and private repositories.",
            context)
    {
        AllowsCacheFallback = true;
    }
}
