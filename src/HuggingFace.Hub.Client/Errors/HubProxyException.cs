namespace HuggingFace.Hub.Client;

/// <summary>The configured proxy could not be reached or refused the request. Never hidden behind a copy from the cache.</summary>
public sealed class HubProxyException : HubException
{
    internal HubProxyException(HubErrorContext context, string proxy, Exception? inner)
        : base(
            HubErrorCategory.Network,
            $"The proxy {proxy} failed for {context.Url ?? context.Subject}.",
            "Check HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY.",
            context,
            inner)
    {
    }
}
