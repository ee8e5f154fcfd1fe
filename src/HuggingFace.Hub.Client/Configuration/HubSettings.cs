using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace HuggingFace.Hub.Client;

/// <summary>The options and the environment, merged and checked once.</summary>
internal sealed class HubSettings
{
    public HubSettings(HubClientOptions options)
    {
        HubEnvironment environment = options.Environment;
        Options = options;
        Environment = environment;
        Seams = options.Seams;
        Endpoint = options.Endpoint is { } given ? EndpointAddress.Check(given, nameof(options.Endpoint)) : environment.Endpoint;
        TrustedOrigins = [.. options.TrustedEndpoints.Select(
            url => Origin.Of(EndpointAddress.Check(url, nameof(options.TrustedEndpoints))))];
        CacheDirectory = Path.GetFullPath(options.CacheDirectory ?? environment.CacheDirectory);
        Offline = options.Offline ?? environment.Offline;
        Token = ChooseToken(options, environment);
        MetadataTimeout = environment.EtagTimeout ?? options.MetadataTimeout;
        DownloadTimeout = environment.DownloadTimeout ?? options.DownloadTimeout;
        UseSymbolicLinks = options.UseSymbolicLinks ?? !environment.DisableSymlinks;
        Logger = options.LoggerFactory?.CreateLogger("HuggingFace.Hub.Client") ?? NullLogger.Instance;
        Check(options);
    }

    public HubClientOptions Options { get; }

    public HubEnvironment Environment { get; }

    public HubTestSeams Seams { get; }

    public Uri Endpoint { get; }

    public IReadOnlyList<Origin> TrustedOrigins { get; }

    public string CacheDirectory { get; }

    public bool Offline { get; }

    public string? Token { get; }

    public TimeSpan MetadataTimeout { get; }

    public TimeSpan DownloadTimeout { get; }

    public bool UseSymbolicLinks { get; }

    public ILogger Logger { get; }

    public TimeProvider Time => Options.TimeProvider;

    private static string? ChooseToken(HubClientOptions options, HubEnvironment environment)
    {
        if (!options.SendToken)
        {
            return null;
        }

        return AccessToken.Clean(options.Token, nameof(options.Token))
            ?? (environment.DisableImplicitToken ? null : environment.ReadToken());
    }

    private void Check(HubClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options.TimeProvider);
        ArgumentOutOfRangeException.ThrowIfNegative(options.MaxRetries);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxParallelFiles, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxParallelRanges, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxConnectionsPerHost, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(options.ParallelThreshold);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.BlockSize, RangeMap.SmallestBlock);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.BlockSize, RangeMap.LargestBlock);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(MetadataTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(DownloadTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.RetryDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxRetryDelay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxRetryWait, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.OrphanGracePeriod, TimeSpan.Zero);
        if (FollowsRedirects(options.HttpHandler))
        {
            throw new ArgumentException(
                "The handler follows redirects itself, which loses the hub's metadata and the token. Set AllowAutoRedirect = false.",
                nameof(options));
        }
    }

    /// <summary>Whether a handler follows redirects, also behind others: those of IHttpMessageHandlerFactory lie behind several.</summary>
    private static bool FollowsRedirects(HttpMessageHandler? handler)
    {
        while (handler is DelegatingHandler { InnerHandler: { } inner })
        {
            handler = inner;
        }

        return handler is SocketsHttpHandler { AllowAutoRedirect: true } or HttpClientHandler { AllowAutoRedirect: true };
    }
}
