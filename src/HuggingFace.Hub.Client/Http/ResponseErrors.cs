using System.Net;
using System.Text.Json;

namespace HuggingFace.Hub.Client;

/// <summary>Turns the hub's error answers into exceptions; the order is huggingface_hub's (<c>hf_raise_for_status</c>).</summary>
internal sealed class ResponseErrors(HubSettings settings)
{
    private const int MaxErrorBody = 16 * 1024;

    /// <summary>The id under which the server or its CDN logged the request.</summary>
    public static string? FindRequestId(HttpResponseMessage message, string? token)
    {
        foreach (string name in (ReadOnlySpan<string>)["X-Request-Id", "X-Amzn-Trace-Id", "X-Amz-Cf-Id"])
        {
            if (HubHeaders.Find(message, name) is { Length: > 0 } id)
            {
                return Redaction.Scrub(id, token);
            }
        }

        return null;
    }

    /// <summary>The context with what the answer's headers tell.</summary>
    public static HubErrorContext Describe(HubErrorContext context, HttpResponseMessage message, string? token) => context with
    {
        RequestId = FindRequestId(message, token),
        StatusCode = message.StatusCode,
        ServerMessage = Redaction.Scrub(HubHeaders.Find(message, "X-Error-Message"), token),
    };

    public HubErrorContext Describe(HubErrorContext context, HubResponse response) =>
        Describe(context with { Url = Redaction.Url(response.Url) }, response.Message, settings.Token);

    /// <summary>The exception for an answer that is no success; reads a little of its body for the server's words.</summary>
    public async Task<HubException> ToExceptionAsync(HubRequest request, HubResponse response, CancellationToken cancellationToken)
    {
        HubErrorContext context = Describe(request.Context, response);
        if (context.ServerMessage.Length == 0 && request.Method != HttpMethod.Head)
        {
            string body = await ReadErrorAsync(response.Message, request.Timeout, cancellationToken).ConfigureAwait(false);
            context = context with { ServerMessage = Redaction.Scrub(body, settings.Token) };
        }

        return Classify(context, response.Message, response.IsHub);
    }

    private HubException Classify(HubErrorContext context, HttpResponseMessage message, bool isHub)
    {
        // The codes are the hub's words; a CDN's 403 is an expired signature, not a missing permission.
        string? code = isHub ? HubHeaders.Find(message, "X-Error-Code") : null;
        string said = context.ServerMessage;
        HttpStatusCode status = message.StatusCode;
        return (code, status) switch
        {
            ("RevisionNotFound", _) => new HubRevisionNotFoundException(context),
            ("EntryNotFound", _) => new HubEntryNotFoundException(context, FindCommit(message)),
            ("GatedRepo", _) => new HubGatedRepositoryException(context, PageOf(context)),
            (_, HttpStatusCode.Forbidden) when said.StartsWith("Access to this resource is disabled", StringComparison.Ordinal) =>
                new HubRepositoryDisabledException(context),
            ("RepoNotFound", _) => new HubRepositoryNotFoundException(context),
            (_, HttpStatusCode.Unauthorized) when isHub
                && said.StartsWith("Invalid credentials in Authorization header", StringComparison.Ordinal) =>
                new HubInvalidTokenException(context),
            (_, HttpStatusCode.Unauthorized) when isHub => new HubRepositoryNotFoundException(context),
            (_, HttpStatusCode.Forbidden) => new HubForbiddenException(context),
            (_, HttpStatusCode.NotFound) when context.Path is not null =>
                new HubEntryNotFoundException(context, null) { AllowsCacheFallback = true },
            (_, HttpStatusCode.NotFound) => new HubRepositoryNotFoundException(context),
            (_, HttpStatusCode.ProxyAuthenticationRequired) => new HubProxyException(context, "in use", null),
            (_, HttpStatusCode.TooManyRequests) => new HubRateLimitedException(
                context, RateLimitHeaders.FindWait(message, settings.Time), settings.Options.MaxRetryWait),
            (_, HttpStatusCode.RequestTimeout) or (_, >= HttpStatusCode.InternalServerError) => ServerFault(context, message),
            _ => new HubResponseException(context, $"{context.Url} answered with the unexpected status {(int)status}.")
            {
                AllowsCacheFallback = true,
            },
        };
    }

    private HubNetworkException ServerFault(HubErrorContext context, HttpResponseMessage message)
    {
        TimeSpan? wait = RateLimitHeaders.FindWait(message, settings.Time);
        return new HubNetworkException(context, $"{context.Url} failed with status {(int)message.StatusCode}.")
        {
            RetryDelay = wait,
            IsTransient = wait is null || wait <= settings.Options.MaxRetryWait,
        };
    }

    private static string? FindCommit(HttpResponseMessage message) =>
        HubHeaders.Find(message, "X-Repo-Commit") is { } commit && RevisionName.IsCommit(commit) ? commit : null;

    private Uri PageOf(HubErrorContext context) =>
        context.Repo is { } repo ? new Uri($"{settings.Endpoint.AbsoluteUri.TrimEnd('/')}/{repo.UrlPath}") : settings.Endpoint;

    private static async Task<string> ReadErrorAsync(HttpResponseMessage message, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            using Stream body = await message.Content.ReadAsStreamAsync(limit.Token).ConfigureAwait(false);
            byte[] buffer = new byte[MaxErrorBody];
            int length = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, limit.Token).ConfigureAwait(false);
            using JsonDocument json = JsonDocument.Parse(buffer.AsMemory(0, length));
            return json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("error", out JsonElement error)
                && error.ValueKind == JsonValueKind.String
                    ? error.GetString() ?? ""
                    : "";
        }
        catch (Exception error) when (
            error is JsonException or IOException or HttpRequestException or OperationCanceledException or InvalidOperationException)
        {
            // The status alone must do; what the user cancelled shows at the next step.
            cancellationToken.ThrowIfCancellationRequested();
            return "";
        }
    }
}
