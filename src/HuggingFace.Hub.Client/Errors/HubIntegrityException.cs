namespace HuggingFace.Hub.Client;

/// <summary>The bytes that arrived are not the bytes that the hub announced. Nothing of them was published.</summary>
public sealed class HubIntegrityException : HubException
{
    internal HubIntegrityException(HubErrorContext context, string what, string expected, string actual)
        : base(
            HubErrorCategory.Integrity,
            $"The {what} of {context.Subject} is wrong: expected {expected}, got {actual}.",
            "Nothing was published; if it happens again, look at what stands between this machine and the hub (proxy, mirror, memory).",
            context)
    {
        Expected = expected;
        Actual = actual;
    }

    /// <summary>The announced hash or size.</summary>
    public string Expected { get; }

    /// <summary>The hash or size of what arrived.</summary>
    public string Actual { get; }

    /// <summary>Whether it is the content that is wrong, so that what has arrived is worth nothing.</summary>
    internal bool IsAboutContent { get; init; }
}
