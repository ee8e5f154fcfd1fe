namespace HuggingFace.Hub.Client;

/// <summary>The parts that a client is made of, wired once.</summary>
internal sealed class HubServices : IDisposable
{
    public HubServices(HubClientOptions options)
    {
        Settings = new HubSettings(options);
        Transport = new HubTransport(Settings);
        Urls = new HubUrls(Settings.Endpoint);
        Retry = new RetryRunner(Settings);
        Layout = new CacheLayout(Settings.CacheDirectory);
        Metadata = new HubMetadataReader(Settings, Transport, Urls);
        Listings = new HubListingReader(Settings, Transport, Urls);
        var downloader = new ContentDownloader(Settings, Transport, Urls, Retry);
        Cache = new CacheInstaller(Layout, downloader, new SnapshotLinker(Settings), Settings);
        Local = new LocalInstaller(Layout, downloader, Settings);
    }

    public HubSettings Settings { get; }

    public HubTransport Transport { get; }

    public HubUrls Urls { get; }

    public RetryRunner Retry { get; }

    public CacheLayout Layout { get; }

    public HubMetadataReader Metadata { get; }

    public HubListingReader Listings { get; }

    public CacheInstaller Cache { get; }

    public LocalInstaller Local { get; }

    /// <summary>Whether this call may make no request; also checks that it does not ask for the impossible.</summary>
    /// <exception cref="ArgumentException">A download is forced and requests are forbidden.</exception>
    public bool IsOffline(HubDownloadOptions options)
    {
        bool offline = Settings.Offline || options.LocalFilesOnly;
        return offline && options.ForceDownload
            ? throw new ArgumentException(
                "A download cannot be forced while requests are turned off (offline mode or LocalFilesOnly).", nameof(options))
            : offline;
    }

    public void Dispose() => Transport.Dispose();
}
