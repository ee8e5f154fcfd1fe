namespace HuggingFace.Hub.Client.Tests;

public sealed class RemoteFileTests : HubTest
{
    [Fact]
    public async Task Pieces_are_read_by_range_and_nothing_is_stored()
    {
        using HubRemoteFile file = await Client(setup => setup.Token = "hf_secret").OpenFileAsync(Gpt2, Weights.Path);
        Assert.Equal((Weights.Content.Length, C1, Weights.Sha256, false), (file.Length, file.Commit, file.ContentHash, file.IsCached));

        byte[] header = new byte[8];
        byte[] middle = new byte[1000];
        await file.ReadAsync(0, header);
        await file.ReadAsync(500_000, middle);

        Assert.Equal(Weights.Content[..8], header);
        Assert.Equal(Weights.Content[500_000..501_000], middle);
        Assert.Equal(1008, Server.ContentBytes);
        Assert.Equal(["bytes=0-7", "bytes=500000-500999"], Server.CdnRequests.Select(request => request.Range));
        Assert.All(Server.CdnRequests, request => Assert.Null(request.Authorization));
        Assert.Single(Server.HubRequests);
        Assert.False(Directory.Exists(CacheDirectory));
    }

    [Fact]
    public async Task Commit_stays_pinned_when_the_branch_moves()
    {
        using HubRemoteFile file = await Client().OpenFileAsync(Gpt2, Config.Path);
        Repo.Commit([FakeFile.Text(Config.Path, new string('y', 665))]);

        byte[] all = new byte[file.Length];
        await file.ReadAsync(0, all);

        Assert.Equal(Config.Content, all);
    }

    [Fact]
    public async Task Small_file_is_read_as_a_whole_and_verified()
    {
        using HubRemoteFile file = await Client().OpenFileAsync(Gpt2, Config.Path);

        Assert.Equal(Config.Content, await file.ReadAllAsync(Config.Content.Length));
        HubException tooLong = await Assert.ThrowsAsync<HubResponseException>(() => file.ReadAllAsync(Config.Content.Length - 1));
        Assert.Contains(Config.Path, tooLong.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(CacheDirectory));
    }

    [Fact]
    public async Task Small_file_that_arrives_changed_is_refused()
    {
        using HubRemoteFile file = await Client().OpenFileAsync(Gpt2, Config.Path);
        Config.Content[0] ^= 1;

        HubIntegrityException error = await Assert.ThrowsAsync<HubIntegrityException>(() => file.ReadAllAsync(1 << 20));

        Assert.Equal(file.ContentHash, error.Expected);
    }

    [Fact]
    public async Task Cached_file_is_read_from_the_disk()
    {
        HubClient hub = Client();
        await hub.DownloadFileAsync(Gpt2, Weights.Path);
        Server.ForgetRequests();

        using HubRemoteFile file = await hub.OpenFileAsync(Gpt2, Weights.Path);
        byte[] piece = new byte[100];
        await file.ReadAsync(file.Length - 100, piece);

        Assert.True(file.IsCached);
        Assert.Equal(Weights.Content[^100..], piece);
        Assert.Equal("HEAD", Assert.Single(Server.Requests).Method);
    }

    [Fact]
    public async Task Expired_url_broken_connection_and_failing_server_are_survived()
    {
        using HubRemoteFile file = await Client().OpenFileAsync(Gpt2, Weights.Path);
        Server.Cdn.ExpireUrls();
        int step = 0;
        Server.Intercept = async (context, request) =>
        {
            if (!request.IsCdn || request.Target.Contains("signature-0", StringComparison.Ordinal))
            {
                return false;
            }

            switch (Interlocked.Increment(ref step))
            {
                case 1:
                    context.Response.StatusCode = 500;
                    return true;
                case 2:
                    (long start, long end) = FakeCdnPages.ParseRange(request.Range!, Weights.Content.Length);
                    context.Response.StatusCode = 206;
                    context.Response.ContentLength = end - start;
                    context.Response.Headers.ContentRange = $"bytes {start}-{end - 1}/{Weights.Content.Length}";
                    await Server.SendContentAsync(context, request, Weights.Content.AsMemory((int)start, 1000));
                    await context.Response.Body.FlushAsync();
                    await Task.Delay(50);
                    context.Abort();
                    return true;
                default:
                    return false;
            }
        };

        byte[] piece = new byte[100_000];
        await file.ReadAsync(200_000, piece);

        Assert.Equal(Weights.Content[200_000..300_000], piece);
    }

    [Fact]
    public async Task Server_without_ranges_serves_the_beginning()
    {
        Server.Intercept = async (context, request) =>
        {
            if (!request.IsCdn)
            {
                return false;
            }

            context.Response.ContentLength = Weights.Content.Length;
            await Server.SendContentAsync(context, request, Weights.Content);
            return true;
        };
        using HubRemoteFile file = await Client().OpenFileAsync(Gpt2, Weights.Path);

        byte[] piece = new byte[50];
        await file.ReadAsync(300_000, piece);

        Assert.Equal(Weights.Content[300_000..300_050], piece);
    }

    [Fact]
    public async Task Ranges_outside_the_file_are_refused()
    {
        using HubRemoteFile file = await Client().OpenFileAsync(Gpt2, Weights.Path);

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => file.ReadAsync(-1, new byte[1]));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => file.ReadAsync(file.Length, new byte[1]));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => file.ReadAsync(long.MaxValue, new byte[1]));
        await file.ReadAsync(file.Length, Memory<byte>.Empty);
        Assert.Empty(Server.CdnRequests);
    }

    [Fact]
    public async Task Wrong_range_is_never_handed_out()
    {
        Server.Intercept = async (context, request) =>
        {
            if (!request.IsCdn)
            {
                return false;
            }

            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = "bytes 0-9/1048576";
            await Server.SendContentAsync(context, request, Weights.Content.AsMemory(0, 10));
            return true;
        };
        using HubRemoteFile file = await Client().OpenFileAsync(Gpt2, Weights.Path);

        await Assert.ThrowsAsync<HubResponseException>(() => file.ReadAsync(100, new byte[10]));
    }

    [Fact]
    public async Task Absent_file_is_absent() =>
        await Assert.ThrowsAsync<HubEntryNotFoundException>(() => Client().OpenFileAsync(Gpt2, "absent.bin"));
}
