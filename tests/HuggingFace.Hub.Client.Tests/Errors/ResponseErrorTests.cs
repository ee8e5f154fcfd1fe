using System.Net;

namespace HuggingFace.Hub.Client.Tests;

public sealed class ResponseErrorTests : HubTest
{
    [Fact]
    public async Task Absent_file_is_remembered_and_known_absent_offline()
    {
        HubEntryNotFoundException error = await Assert.ThrowsAsync<HubEntryNotFoundException>(
            () => Client().DownloadFileAsync(Gpt2, "optional.json"));

        Assert.Equal(C1, error.Commit);
        Assert.Equal(["optional.json"], error.Paths);
        string marker = Path.Combine(RepoCache, ".no_exist", C1, "optional.json");
        Assert.Equal(0, new FileInfo(marker).Length);
        Assert.Equal(C1, await File.ReadAllTextAsync(Path.Combine(RepoCache, "refs", "main")));
        Assert.True(Directory.Exists(Path.Combine(RepoCache, "snapshots", C1)));

        HubClient offline = Client(setup => setup.Offline = true);
        HubEntryNotFoundException known = await Assert.ThrowsAsync<HubEntryNotFoundException>(
            () => offline.DownloadFileAsync(Gpt2, "optional.json"));
        Assert.Equal(C1, known.Commit);
        Assert.True(offline.Cache.IsKnownAbsent(Gpt2, "optional.json"));
        Assert.False(offline.Cache.IsKnownAbsent(Gpt2, "config.json"));
    }

    [Fact]
    public async Task Stale_marker_of_absence_does_not_stop_a_forced_download()
    {
        string marker = Path.Combine(RepoCache, ".no_exist", C1, "config.json");
        Directory.CreateDirectory(Path.GetDirectoryName(marker)!);
        await File.WriteAllTextAsync(marker, "");

        HubFile branch = await Client().DownloadFileAsync(Gpt2, "config.json");
        HubFile commit = await Client().DownloadFileAsync(Gpt2, "config.json", new HubFileOptions { Revision = C1, ForceDownload = true });

        Assert.True(branch.WasDownloaded);
        Assert.True(commit.WasDownloaded);
    }

    [Fact]
    public async Task Absence_at_a_commit_needs_no_second_request()
    {
        HubClient hub = Client();
        await Assert.ThrowsAsync<HubEntryNotFoundException>(
            () => hub.DownloadFileAsync(Gpt2, "optional.json", new HubFileOptions { Revision = C1 }));
        Server.ForgetRequests();

        await Assert.ThrowsAsync<HubEntryNotFoundException>(
            () => hub.DownloadFileAsync(Gpt2, "optional.json", new HubFileOptions { Revision = C1 }));

        Assert.Empty(Server.Requests);
    }

    [Fact]
    public async Task Absent_revision_is_an_error_even_when_another_is_cached()
    {
        HubClient hub = Client();
        await hub.DownloadSnapshotAsync(Gpt2);

        HubRevisionNotFoundException file = await Assert.ThrowsAsync<HubRevisionNotFoundException>(
            () => hub.DownloadFileAsync(Gpt2, "config.json", new HubFileOptions { Revision = "nonesuch" }));
        await Assert.ThrowsAsync<HubRevisionNotFoundException>(
            () => hub.DownloadSnapshotAsync(Gpt2, new HubSnapshotOptions { Revision = "nonesuch" }));

        Assert.Contains("'nonesuch'", file.Message, StringComparison.Ordinal);
        Assert.Equal(HubErrorCategory.NotFoundOrNotPermitted, file.Category);
    }

    [Fact]
    public async Task Branch_that_was_deleted_is_an_error_even_when_it_is_cached()
    {
        Repo.Refs["old"] = C1;
        HubClient hub = Client();
        await hub.DownloadSnapshotAsync(Gpt2, new HubSnapshotOptions { Revision = "old" });
        Repo.Refs.Remove("old");

        await Assert.ThrowsAsync<HubRevisionNotFoundException>(
            () => hub.DownloadFileAsync(Gpt2, "config.json", new HubFileOptions { Revision = "old" }));
        await Assert.ThrowsAsync<HubRevisionNotFoundException>(
            () => hub.DownloadSnapshotAsync(Gpt2, new HubSnapshotOptions { Revision = "old" }));
        await Assert.ThrowsAsync<HubRevisionNotFoundException>(() => hub.ListFilesAsync(Gpt2, "old"));
        await Assert.ThrowsAsync<HubRevisionNotFoundException>(() => hub.OpenFileAsync(Gpt2, "config.json", "old"));
    }

    [Fact]
    public async Task File_that_was_deleted_is_an_error_even_when_it_is_cached()
    {
        HubClient hub = Client();
        await hub.DownloadFileAsync(Gpt2, "config.json");
        Repo.Commit([Weights]);

        await Assert.ThrowsAsync<HubEntryNotFoundException>(() => hub.OpenFileAsync(Gpt2, "config.json"));
        await Assert.ThrowsAsync<HubEntryNotFoundException>(() => hub.DownloadFileAsync(Gpt2, "config.json"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("hf_another")]
    public async Task Missing_and_private_repositories_look_alike(string? token)
    {
        Repo.Token = "hf_right";

        HubClient hub = Client(setup => setup.Token = token);
        HubRepositoryNotFoundException error = await Assert.ThrowsAsync<HubRepositoryNotFoundException>(
            () => hub.DownloadFileAsync(Gpt2, "config.json"));
        await Assert.ThrowsAsync<HubRepositoryNotFoundException>(() => hub.DownloadFileAsync("nobody/nothing", "config.json"));
        await Assert.ThrowsAsync<HubRepositoryNotFoundException>(() => hub.DownloadSnapshotAsync("nobody/nothing"));

        Assert.Contains("HF_TOKEN", error.Remedy, StringComparison.Ordinal);
        Assert.Equal(new RepoId(Gpt2), error.Repo);
        Assert.Equal("Root=1-fake-request", error.RequestId);
        Assert.Contains("Root=1-fake-request", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bad_token_is_told_from_a_missing_repository()
    {
        HubInvalidTokenException error = await Assert.ThrowsAsync<HubInvalidTokenException>(
            () => Client(setup => setup.Token = "expired").DownloadFileAsync(Gpt2, "config.json"));

        Assert.Equal(HttpStatusCode.Unauthorized, error.StatusCode);
    }

    [Theory]
    [InlineData(null, 401)]
    [InlineData("hf_member", 403)]
    public async Task Gated_repository_names_the_page_to_ask_at(string? token, int status)
    {
        Repo.Gated = true;

        HubGatedRepositoryException error = await Assert.ThrowsAsync<HubGatedRepositoryException>(
            () => Client(setup => setup.Token = token).DownloadSnapshotAsync(Gpt2));

        Assert.Equal(new Uri(Server.HubUrl, Gpt2), error.RequestAccessUrl);
        Assert.Contains(error.RequestAccessUrl.AbsoluteUri, error.Message, StringComparison.Ordinal);
        Assert.Equal(status, (int)error.StatusCode!);
    }

    [Fact]
    public async Task Gated_or_private_file_that_is_cached_is_handed_out()
    {
        HubClient hub = Client();
        await hub.DownloadFileAsync(Gpt2, "config.json");

        // 401 without a token, 403 with one that was not let in.
        Repo.Gated = true;
        Assert.False((await hub.DownloadFileAsync(Gpt2, "config.json")).WasDownloaded);
        Assert.False((await Client(setup => setup.Token = "hf_other").DownloadFileAsync(Gpt2, "config.json")).WasDownloaded);
        Repo.Gated = false;
        Repo.Token = "hf_right";
        Assert.False((await hub.DownloadFileAsync(Gpt2, "config.json")).WasDownloaded);

        Assert.Contains("cached copy", Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Disabled_repository_is_called_so()
    {
        Repo.Disabled = true;

        await Assert.ThrowsAsync<HubRepositoryDisabledException>(() => Client().DownloadFileAsync(Gpt2, "config.json"));
    }

    [Fact]
    public async Task Other_refusals_carry_the_servers_words_and_request_id()
    {
        Server.Intercept = async (context, _) =>
        {
            await FakeHubPages.ErrorAsync(
                context, 403, null, "Please enable access to public gated repositories in your fine-grained token settings.");
            return true;
        };

        HubForbiddenException error = await Assert.ThrowsAsync<HubForbiddenException>(
            () => Client().DownloadFileAsync(Gpt2, "config.json"));

        Assert.Contains("fine-grained token settings", error.Message, StringComparison.Ordinal);
        Assert.Equal("Root=1-fake-request", error.RequestId);
    }

    [Fact]
    public async Task Servers_words_are_taken_from_the_body_when_no_header_has_them()
    {
        Server.Intercept = async (context, _) =>
        {
            context.Response.StatusCode = 403;
            await context.Response.Body.WriteAsync("{\"error\": \"Not in your region\"}"u8.ToArray());
            return true;
        };

        HubForbiddenException error = await Assert.ThrowsAsync<HubForbiddenException>(() => Client().ListFilesAsync(Gpt2));

        Assert.Equal("Not in your region", error.ServerMessage);
    }

    [Fact]
    public async Task Failing_hub_with_a_cached_file_is_not_retried()
    {
        HubClient hub = Client();
        await hub.DownloadFileAsync(Gpt2, "config.json");
        await hub.DownloadSnapshotAsync(Gpt2);
        Server.ForgetRequests();
        Fail(503);

        HubFile file = await hub.DownloadFileAsync(Gpt2, "config.json");
        HubSnapshot snapshot = await hub.DownloadSnapshotAsync(Gpt2);

        Assert.Equal(Link(Config), file.LocalPath);
        Assert.Equal(2, snapshot.Files.Count);
        Assert.Equal(2, Server.Requests.Count);
    }

    [Fact]
    public async Task Failing_hub_without_a_cached_file_is_retried_and_then_named()
    {
        Fail(503);

        HubNetworkException error = await Assert.ThrowsAsync<HubNetworkException>(() => Client().DownloadFileAsync(Gpt2, "config.json"));

        Assert.Equal(4, Server.Requests.Count);
        Assert.Contains("503", error.Message, StringComparison.Ordinal);
        Assert.Equal(HubErrorCategory.Network, error.Category);
    }

    [Fact]
    public async Task Failing_hub_with_an_incomplete_snapshot_is_retried_after_all()
    {
        HubClient hub = Client();
        await hub.DownloadSnapshotAsync(Gpt2, new HubSnapshotOptions { AllowPatterns = ["config.json"] });
        int failures = 2;
        Server.Intercept = async (context, request) =>
        {
            if (request.Path.Contains("/revision/", StringComparison.Ordinal) && failures-- > 0)
            {
                await FakeHubPages.ErrorAsync(context, 503, null, null);
                return true;
            }

            return false;
        };

        HubSnapshot snapshot = await hub.DownloadSnapshotAsync(Gpt2);

        Assert.Equal(2, snapshot.Files.Count);
    }

    [Fact]
    public async Task Unreachable_hub_is_a_network_error_with_its_cause()
    {
        Uri nobody = new("http://127.0.0.1:1");

        HubNetworkException error = await Assert.ThrowsAsync<HubNetworkException>(
            () => Client(setup => setup.Endpoint = nobody).DownloadFileAsync(Gpt2, "config.json"));

        Assert.IsType<HttpRequestException>(error.InnerException);
        Assert.Contains("127.0.0.1:1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Warning_of_the_hub_is_logged_once_per_topic()
    {
        Server.EditHeaders = (context, _) => context.Response.Headers["X-HF-Warning"] = "deprecation; This is old.";

        await Client().DownloadSnapshotAsync(Gpt2);

        Assert.Single(Log.Lines, line => line.Contains("This is old.", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(405)]
    [InlineData(418)]
    public async Task Other_statuses_are_named(int status)
    {
        Fail(status);

        HubResponseException error = await Assert.ThrowsAsync<HubResponseException>(() => Client().DownloadFileAsync(Gpt2, "config.json"));

        Assert.Contains($"{status}", error.Message, StringComparison.Ordinal);
        Assert.Single(Server.Requests);
    }

    private void Fail(int status) => Server.Intercept = async (context, _) =>
    {
        await FakeHubPages.ErrorAsync(context, status, null, null);
        return true;
    };
}
