using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;

namespace HuggingFace.Hub.Client;

/// <summary>
/// Sends requests and follows redirects by hand: the token goes to the hub's own origins only, https never becomes http, every answer's
/// hub headers are kept, and every failure becomes a <see cref="HubException"/>.
/// </summary>
internal sealed class HubTransport : IDisposable
{
    private const int MaxRedirects = 10;
    private static readonly Origin[] KnownHubs = [new("https", "huggingface.co", 443), new("https", "hf.co", 443)];

    private readonly HubSettings _settings;
    private readonly HttpClient _client;
    private readonly EnvironmentProxy? _proxy;
    private readonly ConnectionLimiter _limiter;
    private readonly string _userAgent;
    private readonly HashSet<Origin> _tokenOrigins;
    private readonly ConcurrentDictionary<string, bool> _warnedTopics = new(StringComparer.Ordinal);

    public HubTransport(HubSettings settings)
    {
        _settings = settings;
        _limiter = new ConnectionLimiter(settings.Options.MaxConnectionsPerHost);
        _userAgent = UserAgent.Compose(settings);
        _tokenOrigins = [Origin.Of(settings.Endpoint), .. settings.TrustedOrigins];
        if (settings.Options.HttpHandler is { } handler)
        {
            _client = new HttpClient(handler, disposeHandler: false);
        }
        else
        {
            _proxy = EnvironmentProxy.Create(settings.Environment);
            _client = new HttpClient(HandlerFactory.Create(settings, _proxy), disposeHandler: true);
        }

        _client.Timeout = Timeout.InfiniteTimeSpan;
        Errors = new ResponseErrors(settings);
    }

    public ResponseErrors Errors { get; }

    public bool IsHub(Uri url)
    {
        Origin origin = Origin.Of(url);
        return _tokenOrigins.Contains(origin) || Array.IndexOf(KnownHubs, origin) >= 0;
    }

    /// <summary>Sends a request; the answer may have any status.</summary>
    /// <exception cref="HubException">No usable answer came.</exception>
    public async Task<HubResponse> SendAsync(HubRequest request, CancellationToken cancellationToken)
    {
        if (_settings.Offline)
        {
            throw new HubOfflineException(request.Context);
        }

        Uri url = request.Url;
        HubHeaders headers = HubHeaders.None;
        for (int hop = 0; hop <= MaxRedirects; hop++)
        {
            HubErrorContext context = request.Context with { Url = Redaction.Url(url) };
            IDisposable connection = await _limiter.AcquireAsync(url, cancellationToken).ConfigureAwait(false);
            HttpResponseMessage? message = null;
            try
            {
                message = await SendOnceAsync(request, url, context, cancellationToken).ConfigureAwait(false);
                headers = headers.With(message);
                if (!IsRedirect(message))
                {
                    return new HubResponse(message, url, IsHub(url), null, headers, connection);
                }

                Uri next = RedirectTarget.Find(message, url, ResponseErrors.Describe(context, message, _settings.Token));
                bool foreign = !IsHub(next);
                if (foreign && request.Redirects == RedirectMode.StopAtForeign)
                {
                    return new HubResponse(message, url, IsHub(url), next, headers, connection);
                }

                if (foreign && request.Redirects == RedirectMode.HubOnly)
                {
                    throw new HubResponseException(
                        ResponseErrors.Describe(context, message, _settings.Token),
                        $"{context.Url} redirects to {Redaction.Url(next)}, which is not the hub.",
                        "Check HF_ENDPOINT; an address that is the same hub can be named in TrustedEndpoints.");
                }

                url = next;
            }
            catch
            {
                message?.Dispose();
                connection.Dispose();
                throw;
            }

            message.Dispose();
            connection.Dispose();
        }

        throw new HubResponseException(
            request.Context with { Url = Redaction.Url(request.Url) },
            $"{Redaction.Url(request.Url)} redirects more than {MaxRedirects} times.");
    }

    public void Dispose()
    {
        _client.Dispose();
        _limiter.Dispose();
    }

    private static bool IsRedirect(HttpResponseMessage message) =>
        message.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
            or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;

    private async Task<HttpResponseMessage> SendOnceAsync(
        HubRequest request, Uri url, HubErrorContext context, CancellationToken cancellationToken)
    {
        using HttpRequestMessage message = Compose(request, url);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(request.Timeout);
        try
        {
            HttpResponseMessage answer = await _client.SendAsync(
                message, HttpCompletionOption.ResponseHeadersRead, timeout.Token).ConfigureAwait(false);
            if (_settings.Logger.IsEnabled(LogLevel.Debug))
            {
                Log.Answered(_settings.Logger, message.Method.Method, Redaction.Url(url), (int)answer.StatusCode,
                    ResponseErrors.FindRequestId(answer, _settings.Token));
            }

            WarnOnce(answer);
            return answer;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HubNetworkException(context, $"{context.Url} did not answer within {request.Timeout.TotalSeconds:0.###} s.");
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw NetworkErrors.Translate(error, context, _proxy?.GetProxy(url), _settings.Token);
        }
    }

    private HttpRequestMessage Compose(HubRequest request, Uri url)
    {
        var message = new HttpRequestMessage(request.Method, url);
        // A CDN that compresses ignores Range and hides the length.
        message.Headers.TryAddWithoutValidation("Accept-Encoding", "identity");
        message.Headers.TryAddWithoutValidation("User-Agent", _userAgent);
        if (request.Json)
        {
            message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        }

        if (request.RangeStart is { } start)
        {
            message.Headers.Range = new RangeHeaderValue(start, request.RangeEnd - 1);
        }

        if (_settings.Token is { } token && _tokenOrigins.Contains(Origin.Of(url)))
        {
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        return message;
    }

    private void WarnOnce(HttpResponseMessage answer)
    {
        if (HubHeaders.Find(answer, "X-HF-Warning") is not { } warning)
        {
            return;
        }

        string[] parts = warning.Split(';', 2, StringSplitOptions.TrimEntries);
        (string topic, string text) = parts.Length == 2 ? (parts[0], parts[1]) : ("", parts[0]);
        if (_warnedTopics.Count < 100 && _warnedTopics.TryAdd(topic, true))
        {
            Log.HubWarning(_settings.Logger, Redaction.Scrub(topic, _settings.Token), Redaction.Scrub(text, _settings.Token));
        }
    }
}
