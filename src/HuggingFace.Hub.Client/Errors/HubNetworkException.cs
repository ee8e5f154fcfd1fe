namespace HuggingFace.Hub.Client;

/// <summary>The server could not be reached, stopped sending, or failed on its side (5xx), also after the retries.</summary>
public sealed class HubNetworkException : HubException
{
    private const string Advice =
        "Check the network connection and https://status.huggingface.co, then run it again: what has arrived is kept.";

    internal HubNetworkException(HubErrorContext context, string problem, Exception? inner = null, string? remedy = null)
        : base(HubErrorCategory.Network, Name(context) + problem, remedy ?? Advice, context, inner)
    {
        IsTransient = true;
        AllowsCacheFallback = true;
    }

    /// <summary>What was being fetched, where the address does not say it: a CDN's is made of hashes.</summary>
    private static string Name(HubErrorContext context) =>
        context.Path is null || context.Url?.EndsWith(context.Path, StringComparison.Ordinal) == true ? "" : $"Fetching {context.Subject}: ";
}
