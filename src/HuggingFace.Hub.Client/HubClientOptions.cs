using Microsoft.Extensions.Logging;

namespace HuggingFace.Hub.Client;

/// <summary>
/// The settings of a <see cref="HubClient"/>. What is left null comes from <see cref="Environment"/>. All values are checked when the
/// client is made.
/// </summary>
public sealed class HubClientOptions
{
    /// <summary>Where the variables come from. Default: this process.</summary>
    public HubEnvironment Environment { get; init; } = HubEnvironment.Process;

    /// <summary>The hub's address. Default: <see cref="HubEnvironment.Endpoint"/>.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>
    /// Further addresses that are the same hub (mirror pairs, internal names): redirects to them are followed as the hub's own, and
    /// they are sent the token. Default: none.
    /// </summary>
    public IReadOnlyList<Uri> TrustedEndpoints { get; init; } = [];

    /// <summary>
    /// The access token. Default: <c>HF_TOKEN</c> or the saved login, unless the environment forbids to send that implicitly.
    /// </summary>
    public string? Token { internal get; init; }

    /// <summary>Whether to send a token at all. Default: true.</summary>
    public bool SendToken { get; init; } = true;

    /// <summary>The cache's directory. Default: <see cref="HubEnvironment.CacheDirectory"/>.</summary>
    public string? CacheDirectory { get; init; }

    /// <summary>Whether no request may be made. Default: <see cref="HubEnvironment.Offline"/>.</summary>
    public bool? Offline { get; init; }

    /// <summary>
    /// Whether the cache links files with symbolic links (true) or holds the files themselves (false). Default: links where the file
    /// system can, unless <see cref="HubEnvironment.DisableSymlinks"/>.
    /// </summary>
    public bool? UseSymbolicLinks { get; init; }

    /// <summary>
    /// The handler that sends requests, for tests, custom certificates or <c>IHttpMessageHandlerFactory</c>. It must not follow redirects
    /// itself, is not disposed, and makes the proxy and certificate variables its owner's business. Default: one of the client's own.
    /// </summary>
    public HttpMessageHandler? HttpHandler { get; init; }

    /// <summary>Where to log. Default: nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>The clock for retries, rates and dates. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>What the program adds to the user agent, such as <c>my-tool/1.2</c>. Default: nothing.</summary>
    public string? UserAgent { get; init; }

    /// <summary>The longest wait for an answer about metadata. Default: 10 s. <see cref="HubEnvironment.EtagTimeout"/> wins.</summary>
    public TimeSpan MetadataTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The longest wait for the next bytes of a body (not for the whole). Default: 10 s. <see cref="HubEnvironment.DownloadTimeout"/> wins.
    /// </summary>
    public TimeSpan DownloadTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a failed request is tried again; a body that made progress starts counting anew. Default: 5.</summary>
    public int MaxRetries { get; init; } = 5;

    /// <summary>The first wait before a retry; it doubles each time, with jitter. Default: 0.5 s.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest wait between retries that the server did not ask for. Default: 10 s.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The longest wait that is granted when the server asks for one (Retry-After, RateLimit); a longer one fails at once. Default: 6
    /// minutes, one more than the hub's rate-limit window.
    /// </summary>
    public TimeSpan MaxRetryWait { get; init; } = TimeSpan.FromMinutes(6);

    /// <summary>How many files of a selection are downloaded at the same time. Default: 8.</summary>
    public int MaxParallelFiles { get; init; } = 8;

    /// <summary>
    /// How many ranges of a large file are downloaded at the same time at most; fewer where one connection alone brings 150 MB/s. Default: 8.
    /// </summary>
    public int MaxParallelRanges { get; init; } = 8;

    /// <summary>How many connections may be busy with one host at the same time. Default: 16.</summary>
    public int MaxConnectionsPerHost { get; init; } = 16;

    /// <summary>Files larger than this are downloaded in parallel ranges. Default: 64 MiB.</summary>
    public long ParallelThreshold { get; init; } = 64L << 20;

    /// <summary>
    /// The size of a range, and the most that one connection loses when the process is killed. Default: 16 MiB; at least 4 KiB.
    /// </summary>
    public int BlockSize { get; init; } = 16 << 20;

    /// <summary>
    /// How long a partial download must have been untouched before it is taken over when locks cannot prove that its owner is gone
    /// (another host, or a file system without working locks). Default: 60 s.
    /// </summary>
    public TimeSpan OrphanGracePeriod { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether <c>local_dir</c> downloads may write through symbolic links that leave the directory. Default: false.</summary>
    public bool FollowLinksOutOfLocalDirectory { get; init; }

    /// <summary>Seams for tests.</summary>
    internal HubTestSeams Seams { get; init; } = new();
}
