namespace HuggingFace.Hub.Client.Tests;

/// <summary>The options of a test's client: no long waits, small blocks, no variables of the machine.</summary>
internal sealed class TestSetup
{
    public Dictionary<string, string> Variables { get; } = [];

    public Uri? Endpoint { get; set; }

    public IReadOnlyList<Uri> Trusted { get; set; } = [];

    public string? CacheDirectory { get; set; }

    public string? Token { get; set; }

    public bool SendToken { get; set; } = true;

    public bool? Offline { get; set; }

    public int Block { get; set; } = 64 * 1024;

    public long Threshold { get; set; } = 256 * 1024;

    public int Ranges { get; set; } = 4;

    public int Files { get; set; } = 4;

    public int Connections { get; set; } = 16;

    public int Retries { get; set; } = 3;

    public bool? Links { get; set; }

    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromMilliseconds(20);

    public TimeSpan MaxWait { get; set; } = TimeSpan.FromMinutes(6);

    public TimeSpan Grace { get; set; } = TimeSpan.FromSeconds(60);

    public TimeProvider Time { get; set; } = TimeProvider.System;

    public bool FollowLinks { get; set; }

    public string? UserAgent { get; set; }

    public HttpMessageHandler? Handler { get; set; }

    public HubTestSeams Seams { get; set; } = new();

    public HubClientOptions Build(ListLogger log) => new()
    {
        Environment = HubEnvironment.FromDictionary(Variables),
        Endpoint = Endpoint,
        TrustedEndpoints = Trusted,
        CacheDirectory = CacheDirectory,
        Token = Token,
        SendToken = SendToken,
        Offline = Offline,
        BlockSize = Block,
        ParallelThreshold = Threshold,
        MaxParallelRanges = Ranges,
        MaxParallelFiles = Files,
        MaxConnectionsPerHost = Connections,
        MaxRetries = Retries,
        RetryDelay = TimeSpan.FromMilliseconds(2),
        MaxRetryDelay = MaxDelay,
        MaxRetryWait = MaxWait,
        DownloadTimeout = Timeout,
        MetadataTimeout = Timeout,
        OrphanGracePeriod = Grace,
        UseSymbolicLinks = Links,
        FollowLinksOutOfLocalDirectory = FollowLinks,
        TimeProvider = Time,
        UserAgent = UserAgent,
        HttpHandler = Handler,
        LoggerFactory = log,
        Seams = Seams,
    };
}
