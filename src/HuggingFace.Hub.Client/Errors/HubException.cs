using System.Net;

namespace HuggingFace.Hub.Client;

/// <summary>
/// The base of everything that this library throws about the hub, the network or the cache. The message says what happened,
/// where, and ends with what to do. No message, property or inner exception ever holds a token or the query string of a URL.
/// </summary>
public abstract class HubException : Exception
{
    private protected HubException(
        HubErrorCategory category, string problem, string remedy, HubErrorContext context, Exception? inner = null)
        : base(Compose(problem, remedy, context), inner)
    {
        Category = category;
        Remedy = remedy;
        Repo = context.Repo;
        Revision = context.Revision;
        Path = context.Path;
        Url = context.Url;
        RequestId = context.RequestId;
        StatusCode = context.StatusCode;
        ServerMessage = context.ServerMessage;
    }

    /// <summary>What kind of trouble it is.</summary>
    public HubErrorCategory Category { get; }

    /// <summary>What to do about it, one sentence; also the end of <see cref="Exception.Message"/>.</summary>
    public string Remedy { get; }

    /// <summary>The repository that was asked for, where there was one.</summary>
    public RepoId? Repo { get; }

    /// <summary>The revision that was asked for, where there was one.</summary>
    public string? Revision { get; }

    /// <summary>The file in the repository that was asked for, where there was one.</summary>
    public string? Path { get; }

    /// <summary>The URL of the failed request without its query, where there was one.</summary>
    public string? Url { get; }

    /// <summary>The id under which the server logged the request, where it told one; for a report to the hub's support.</summary>
    public string? RequestId { get; }

    /// <summary>The HTTP status of the answer, where there was one.</summary>
    public HttpStatusCode? StatusCode { get; }

    /// <summary>The server's own words, scrubbed of secrets; empty when it said nothing.</summary>
    public string ServerMessage { get; }

    /// <summary>Whether the same request may succeed a moment later.</summary>
    internal bool IsTransient { get; init; }

    /// <summary>How long the server asked to wait before the next try.</summary>
    internal TimeSpan? RetryDelay { get; init; }

    /// <summary>Whether a copy in the cache may be handed out instead of this error.</summary>
    internal bool AllowsCacheFallback { get; init; }

    private static string Compose(string problem, string remedy, HubErrorContext context)
    {
        string said = context.ServerMessage.Length == 0 ? "" : $" The server says: {context.ServerMessage.TrimEnd('.')}.";
        string request = context.RequestId is null ? "" : $" (request id {context.RequestId})";
        return $"{problem}{said} {remedy}{request}";
    }
}
