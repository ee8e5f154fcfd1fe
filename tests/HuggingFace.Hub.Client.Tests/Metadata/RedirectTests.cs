namespace HuggingFace.Hub.Client.Tests;

public sealed class RedirectTests : HubTest
{
    [Fact]
    public async Task Renamed_repository_is_followed_for_the_api_and_for_files()
    {
        Server.Renamed["gpt2"] = Gpt2;

        HubSnapshot snapshot = await Client().DownloadSnapshotAsync("gpt2");

        Assert.Equal(C1, snapshot.Commit);
        Assert.Equal(2, snapshot.Files.Count);
        Assert.Contains(Server.Requests, request => request.Target == "/api/models/gpt2/revision/main" && request.Status == 307);
    }

    [Fact]
    public async Task Private_renamed_repository_gets_the_token_after_the_redirect_too()
    {
        Server.Renamed["gpt2"] = Gpt2;
        Repo.Token = "hf_private";

        HubFile file = await Client(setup => setup.Token = "hf_private").DownloadFileAsync("gpt2", "config.json");

        Assert.Equal(Config.Content, await File.ReadAllBytesAsync(file.LocalPath));
        Assert.All(Server.HubRequests, request => Assert.Equal("Bearer hf_private", request.Authorization));
    }

    [Fact]
    public async Task Alias_and_full_id_do_not_download_twice()
    {
        Server.Renamed["gpt2"] = Gpt2;
        HubClient hub = Client();
        await hub.DownloadSnapshotAsync("gpt2");
        Server.ForgetRequests();

        HubSnapshot snapshot = await hub.DownloadSnapshotAsync(Gpt2);

        Assert.Equal(0, Server.ContentBytes);
        Assert.All(snapshot.Files, file => Assert.True(File.Exists(file.LocalPath)));

        // Either may be removed without harm to the other.
        hub.Cache.Remove("gpt2");
        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(snapshot.Find(Weights.Path)!.LocalPath));
    }

    [Fact]
    public async Task Damaged_blob_of_another_repository_is_not_shared()
    {
        Server.Renamed["gpt2"] = Gpt2;
        HubClient hub = Client();
        await hub.DownloadFileAsync("gpt2", Weights.Path);
        string other = Path.Combine(CacheDirectory, "models--gpt2", "blobs", Weights.Sha256);
        byte[] damaged = await File.ReadAllBytesAsync(other);
        damaged[1000] ^= 1;
        await File.WriteAllBytesAsync(other, damaged);

        HubFile file = await hub.DownloadFileAsync(Gpt2, Weights.Path);

        Assert.True(file.WasDownloaded);
        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(file.LocalPath));
    }

    [Fact]
    public async Task Redirect_to_a_trusted_endpoint_is_followed_with_the_token()
    {
        RedirectHubToOtherPort();

        await Client(setup =>
        {
            setup.Token = "hf_secret";
            setup.Trusted = [Server.CdnUrl];
        }).DownloadFileAsync(Gpt2, "config.json");

        Assert.Equal([Config.GitHash], Blobs());
        Assert.All(Server.Requests, request => Assert.Equal("Bearer hf_secret", request.Authorization));
    }

    [Fact]
    public async Task Redirect_of_metadata_to_an_unknown_host_is_not_followed()
    {
        RedirectHubToOtherPort();

        HubClient hub = Client(setup => setup.Token = "hf_secret");
        HubResponseException file = await Assert.ThrowsAsync<HubResponseException>(() => hub.DownloadFileAsync(Gpt2, "config.json"));
        HubResponseException listing = await Assert.ThrowsAsync<HubResponseException>(() => hub.ListFilesAsync(Gpt2));

        Assert.Contains("X-Repo-Commit", file.Message, StringComparison.Ordinal);
        Assert.Contains("TrustedEndpoints", listing.Message, StringComparison.Ordinal);
        Assert.Empty(Server.CdnRequests);
    }

    [Fact]
    public async Task Endless_redirects_end_with_an_error()
    {
        Server.Intercept = (context, request) =>
        {
            context.Response.StatusCode = 307;
            context.Response.Headers.Location = request.Target + "x";
            return Task.FromResult(true);
        };

        HubResponseException error = await Assert.ThrowsAsync<HubResponseException>(() => Client().DownloadFileAsync(Gpt2, "config.json"));

        Assert.Contains("more than 10 times", error.Message, StringComparison.Ordinal);
        Assert.Equal(11, Server.Requests.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ftp://127.0.0.1/x")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://user:password@127.0.0.1/x")]
    [InlineData("http://[bad")]
    public async Task Redirect_to_nowhere_is_an_error(string location)
    {
        Server.Intercept = (context, _) =>
        {
            context.Response.StatusCode = 302;
            context.Response.Headers["X-Repo-Commit"] = C1;
            context.Response.Headers["X-Linked-Etag"] = Weights.Sha256;
            context.Response.Headers.Location = location;
            return Task.FromResult(true);
        };

        HubResponseException error = await Assert.ThrowsAsync<HubResponseException>(() => Client().DownloadFileAsync(Gpt2, Weights.Path));

        Assert.Contains("Location", error.Message, StringComparison.Ordinal);
    }

    private void RedirectHubToOtherPort() => Server.Intercept = async (context, request) =>
    {
        if (!request.IsCdn)
        {
            context.Response.StatusCode = 308;
            context.Response.Headers.Location = Server.CdnUrl.AbsoluteUri.TrimEnd('/') + request.Target;
            return true;
        }

        if (!request.Path.StartsWith("/xet-bridge/", StringComparison.Ordinal))
        {
            await Server.Hub.AnswerAsync(context, request);
            return true;
        }

        return false;
    };
}
