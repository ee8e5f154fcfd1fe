namespace HuggingFace.Hub.Client;

/// <summary>A request was needed, but offline mode forbids every request. No socket was opened.</summary>
public sealed class HubOfflineException : HubException
{
    internal HubOfflineException(HubErrorContext context)
        : base(
            HubErrorCategory.Network,
            $"Offline mode is on, and {context.Subject} would need a request.",
            "Unset HF_HUB_OFFLINE (and TRANSFORMERS_OFFLINE), or set Offline = false.",
            context)
    {
        AllowsCacheFallback = true;
    }
}
