using System.Net;

namespace HuggingFace.Hub.Client;

/// <summary>What a failed request was about; every text in it is already free of tokens and query strings.</summary>
internal sealed record HubErrorContext
{
    public static readonly HubErrorContext None = new();

    public RepoId? Repo { get; init; }

    public string? Revision { get; init; }

    public string? Path { get; init; }

    public string? Url { get; init; }

    public string? RequestId { get; init; }

    public HttpStatusCode? StatusCode { get; init; }

    /// <summary>What the server said, scrubbed; empty when it said nothing.</summary>
    public string ServerMessage { get; init; } = "";

    /// <summary>"models/org/name at main" and the like, for the beginning of a message.</summary>
    public string Subject
    {
        get
        {
            string repo = Repo is null ? "the hub" : Repo.ToString();
            string file = Path is null ? "" : $"'{Redaction.Escape(Path)}' in ";
            string revision = Revision is null ? "" : $" at revision '{Redaction.Escape(Revision)}'";
            return file + repo + revision;
        }
    }
}
