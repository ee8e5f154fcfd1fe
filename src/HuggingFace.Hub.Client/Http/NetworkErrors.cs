using System.Net.Sockets;
using System.Security.Authentication;

namespace HuggingFace.Hub.Client;

/// <summary>
/// Turns what HttpClient throws into this library's exceptions, without what a foreign server may have put into its text.
/// </summary>
internal static class NetworkErrors
{
    public static HubException Translate(Exception error, HubErrorContext context, Uri? proxy, string? token)
    {
        HttpRequestError kind = (error as HttpRequestException)?.HttpRequestError
            ?? (error as HttpIOException)?.HttpRequestError
            ?? HttpRequestError.Unknown;
        string text = Redaction.Scrub(error.Message, token);
        Exception? cause = Clean(error, text);

        bool connecting = kind is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError;
        if (kind == HttpRequestError.ProxyTunnelError || (connecting && proxy is not null))
        {
            // A proxy that refuses the tunnel will refuse it again; one that cannot be reached may just be restarting.
            return new HubProxyException(context, proxy is null ? "in use" : Redaction.Url(proxy), cause)
            {
                IsTransient = kind != HttpRequestError.ProxyTunnelError,
            };
        }

        if (error.InnerException is AuthenticationException && kind == HttpRequestError.SecureConnectionError)
        {
            return new HubNetworkException(
                context,
                $"The certificate of {context.Url} is not trusted: {Redaction.Scrub(error.InnerException.Message, token)}.",
                cause,
                "If a company's proxy opens https connections, set SSL_CERT_FILE to its certificates (PEM).")
            {
                IsTransient = false,
                AllowsCacheFallback = false,
            };
        }

        return new HubNetworkException(context, $"The connection to {context.Url} failed: {text}.", cause);
    }

    /// <summary>The inner exceptions that hold no foreign text; the others are replaced by their scrubbed message.</summary>
    private static Exception Clean(Exception error, string text)
    {
        Exception? inner = error.InnerException is SocketException or AuthenticationException ? error.InnerException : null;
        return error is HttpRequestException request
            ? new HttpRequestException(request.HttpRequestError, text, inner, request.StatusCode)
            : new IOException(text, inner);
    }
}
