using System.Net;

namespace HuggingFace.Hub.Client;

/// <summary>
/// The answer at the end of the redirects, with the hub's headers from the last hop that had them. Holds one of the host's connections
/// until disposed.
/// </summary>
internal sealed class HubResponse : IDisposable
{
    private readonly IDisposable _connection;

    public HubResponse(HttpResponseMessage message, Uri url, bool isHub, Uri? foreignTarget, HubHeaders headers, IDisposable connection)
    {
        Message = message;
        Url = url;
        IsHub = isHub;
        ForeignTarget = foreignTarget;
        Headers = headers;
        _connection = connection;
    }

    public HttpResponseMessage Message { get; }

    public HttpStatusCode Status => Message.StatusCode;

    /// <summary>The URL that answered.</summary>
    public Uri Url { get; }

    /// <summary>Whether the hub itself answered, not a CDN.</summary>
    public bool IsHub { get; }

    /// <summary>Where the hub's redirect leads when it leads away from the hub.</summary>
    public Uri? ForeignTarget { get; }

    public HubHeaders Headers { get; }

    public bool IsSuccess => Message.IsSuccessStatusCode;

    public void Dispose()
    {
        Message.Dispose();
        _connection.Dispose();
    }
}
