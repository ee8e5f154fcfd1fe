namespace HuggingFace.Hub.Client.Tests;

public sealed class OfflineTests : HubTest
{
    [Theory]
    [InlineData("HF_HUB_OFFLINE", "1")]
    [InlineData("TRANSFORMERS_OFFLINE", "yes")]
    public async Task Offline_opens_no_socket(string variable, string value)
    {
        await Client().DownloadSnapshotAsync(Gpt2);
        Server.ForgetRequests();
        HubClient hub = Client(setup =>
        {
            setup.Variables[variable] = value;
            setup.Handler = new NoSockets();
        });

        Assert.Equal(Link(Config), (await hub.DownloadFileAsync(Gpt2, "config.json")).LocalPath);
        Assert.Equal(2, (await hub.DownloadSnapshotAsync(Gpt2)).Files.Count);
        Assert.Equal(Link(Config), (await hub.DownloadModelAsync(Gpt2)).Config);
        using (HubRemoteFile file = await hub.OpenFileAsync(Gpt2, Weights.Path))
        {
            Assert.True(file.IsCached);
        }

        await Assert.ThrowsAsync<HubLocalEntryNotFoundException>(() => hub.DownloadFileAsync(Gpt2, "other.json"));
        await Assert.ThrowsAsync<HubLocalEntryNotFoundException>(() => hub.DownloadFileAsync("never/seen", "config.json"));
        await Assert.ThrowsAsync<HubLocalEntryNotFoundException>(() => hub.DownloadSnapshotAsync("never/seen"));
        await Assert.ThrowsAsync<HubLocalEntryNotFoundException>(
            () => hub.DownloadSnapshotAsync(Gpt2, new HubSnapshotOptions { Revision = "v2" }));
        Assert.Equal(C1, (await hub.ListFilesAsync(Gpt2)).Commit);
        await Assert.ThrowsAsync<HubOfflineException>(() => hub.ListFilesAsync("never/seen"));
        await Assert.ThrowsAsync<HubOfflineException>(() => hub.ResolveRevisionAsync(Gpt2));
        await Assert.ThrowsAsync<HubOfflineException>(() => hub.PlanModelAsync(Gpt2));
        await Assert.ThrowsAsync<HubOfflineException>(() => hub.OpenFileAsync(Gpt2, "other.json"));
        await Assert.ThrowsAsync<ArgumentException>(
            () => hub.DownloadFileAsync(Gpt2, "config.json", new HubFileOptions { ForceDownload = true }));
        await Assert.ThrowsAsync<ArgumentException>(() => hub.DownloadSnapshotAsync(Gpt2, new HubSnapshotOptions { ForceDownload = true }));
        Assert.Empty(Server.Requests);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("no")]
    [InlineData("2")]
    [InlineData("")]
    public async Task Only_pythons_words_for_true_count(string value)
    {
        await Client(setup => setup.Variables["HF_HUB_OFFLINE"] = value).DownloadFileAsync(Gpt2, "config.json");

        Assert.NotEmpty(Server.Requests);
    }

    [Fact]
    public async Task Missing_refs_directory_is_a_missing_entry()
    {
        HubClient hub = Client();
        await hub.DownloadFileAsync(Gpt2, "config.json");
        Directory.Delete(Path.Combine(RepoCache, "refs"), recursive: true);

        await Assert.ThrowsAsync<HubLocalEntryNotFoundException>(
            () => hub.DownloadFileAsync(Gpt2, "config.json", new HubFileOptions { LocalFilesOnly = true }));
    }

    [Fact]
    public async Task Commit_is_found_offline_without_refs()
    {
        HubClient hub = Client();
        await hub.DownloadSnapshotAsync(Gpt2);
        Directory.Delete(Path.Combine(RepoCache, "refs"), recursive: true);

        HubSnapshot snapshot = await Client(setup => setup.Offline = true).DownloadSnapshotAsync(
            Gpt2, new HubSnapshotOptions { Revision = C1 });

        Assert.Equal(2, snapshot.Files.Count);
    }

    [Fact]
    public async Task Incomplete_snapshot_is_not_handed_out()
    {
        await Client().DownloadSnapshotAsync(Gpt2);
        Assert.True(File.Exists(Path.Combine(RepoCache, "trees", C1 + ".json")));
        File.Delete(Link(Weights));
        HubClient offline = Client(setup => setup.Offline = true);

        HubIncompleteSnapshotException error = await Assert.ThrowsAsync<HubIncompleteSnapshotException>(
            () => offline.DownloadSnapshotAsync(Gpt2));
        await Assert.ThrowsAsync<HubIncompleteSnapshotException>(() => offline.DownloadModelAsync(Gpt2));

        Assert.Equal([Weights.Path], error.Missing);
        HubSnapshot part = await offline.DownloadSnapshotAsync(Gpt2, new HubSnapshotOptions { AllowPatterns = ["*.json"] });
        Assert.Equal([Link(Config)], part.Files.Select(file => file.LocalPath));
    }

    [Fact]
    public async Task Snapshot_without_a_listing_is_taken_as_it_is()
    {
        await Client().DownloadSnapshotAsync(Gpt2);
        Directory.Delete(Path.Combine(RepoCache, "trees"), recursive: true);
        HubClient offline = Client(setup => setup.Offline = true);

        Assert.Equal(2, (await offline.DownloadSnapshotAsync(Gpt2)).Files.Count);
        Assert.Equal([Link(Weights)], (await offline.DownloadModelAsync(Gpt2)).Weights);
        File.Delete(Link(Weights));
        await Assert.ThrowsAsync<HubIncompleteSnapshotException>(() => offline.DownloadModelAsync(Gpt2));
    }

    [Fact]
    public async Task Unreachable_hub_falls_back_to_the_snapshot_but_not_to_half_of_it()
    {
        await Client().DownloadSnapshotAsync(Gpt2);
        HubClient cut = Client(setup => setup.Endpoint = new Uri("http://127.0.0.1:1"));

        HubSnapshot snapshot = await cut.DownloadSnapshotAsync(Gpt2);
        Assert.Equal(C1, snapshot.Commit);

        File.Delete(Link(Weights));
        HubNetworkException error = await Assert.ThrowsAsync<HubNetworkException>(() => cut.DownloadSnapshotAsync(Gpt2));
        Assert.Contains("127.0.0.1:1", error.Message, StringComparison.Ordinal);
    }

    private sealed class NoSockets : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("A request was made offline.");
    }
}
