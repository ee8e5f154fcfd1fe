namespace HuggingFace.Hub.Client;

/// <summary>
/// How far a request follows redirects; always by hand, because HttpClient's own following drops the token and hides the headers.
/// </summary>
internal enum RedirectMode
{
    /// <summary>Follow while the target is the hub; any other target is an error (API answers are only believed from the hub).</summary>
    HubOnly,

    /// <summary>Follow while the target is the hub; hand out the answer that leads elsewhere, with its target (files: the CDN).</summary>
    StopAtForeign,

    /// <summary>Follow anywhere (from the CDN on; no token is ever sent there).</summary>
    Any,
}
