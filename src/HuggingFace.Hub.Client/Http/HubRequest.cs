namespace HuggingFace.Hub.Client;

/// <summary>One request, before redirects.</summary>
internal sealed record HubRequest(HttpMethod Method, Uri Url, RedirectMode Redirects, HubErrorContext Context, TimeSpan Timeout)
{
    /// <summary>The first byte wanted; null for the whole file.</summary>
    public long? RangeStart { get; init; }

    /// <summary>The byte after the last one wanted; null for all up to the end.</summary>
    public long? RangeEnd { get; init; }

    /// <summary>Whether to accept JSON only.</summary>
    public bool Json { get; init; }

    /// <summary>Without the query of a signed address.</summary>
    public override string ToString() => $"{Method} {Redaction.Url(Url)}";
}
