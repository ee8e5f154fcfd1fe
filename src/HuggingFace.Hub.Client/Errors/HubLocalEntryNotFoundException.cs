namespace HuggingFace.Hub.Client;

/// <summary>The file or snapshot is not in the cache, and the hub must not be asked (offline, or local files only).</summary>
public sealed class HubLocalEntryNotFoundException : HubException
{
    internal HubLocalEntryNotFoundException(HubErrorContext context, string place)
        : base(
            HubErrorCategory.Network,
            $"Cannot find {context.Subject} under {place}, and requests are turned off (offline mode or local files only).",
            "Download it once while online, or unset HF_HUB_OFFLINE.",
            context)
    {
    }
}
