using Microsoft.AspNetCore.Http;

namespace HuggingFace.Hub.Client.Tests;

public sealed class TransferTests : HubTest
{
    private const int Size = 1024 * 1024;

    /// <summary>Large enough for a limit above the file's size: one stream.</summary>
    private const long OneStream = long.MaxValue / 4;

    private readonly ProgressList _progress = new();

    private readonly WriteWatch _watch = new();

    [Fact]
    public async Task Body_that_is_cut_goes_on_at_the_exact_byte()
    {
        const int Cut = Size * 3 / 10;
        OnceAtCdn(async (context, request) =>
        {
            context.Response.ContentLength = Size;
            await Server.SendContentAsync(context, request, Weights.Content.AsMemory(0, Cut));
            await context.Response.Body.FlushAsync();
            await _watch.Until(Cut);
            context.Abort();
        });

        HubFile file = await DownloadAsync(setup => setup.Threshold = OneStream);

        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(file.LocalPath));
        RecordedRequest[] gets = [.. Server.CdnRequests];
        Assert.Equal(2, gets.Length);
        Assert.Null(gets[0].Range);
        Assert.Equal($"bytes={Cut}-", gets[1].Range);
        Assert.Equal(Size - Cut, gets[1].ContentBytes);
        Assert.All(_progress.Reports, report => Assert.InRange(report.TotalBytes, 0, Size));
        Assert.Equal(Size, _progress.Reports[^1].TotalBytes);
    }

    [Fact]
    public async Task Resume_that_is_answered_with_the_whole_file_begins_anew()
    {
        OnceAtCdn(CutAsync);
        bool cut = false;
        Server.EditHeaders = null;
        Func<HttpContext, RecordedRequest, Task<bool>> first = Server.Intercept!;
        Server.Intercept = async (context, request) =>
        {
            if (request.IsCdn && cut)
            {
                context.Response.ContentLength = Size;
                await Server.SendContentAsync(context, request, Weights.Content);
                return true;
            }

            cut |= request.IsCdn;
            return await first(context, request);
        };

        HubFile file = await DownloadAsync(setup => setup.Threshold = OneStream);

        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(file.LocalPath));
        Assert.Equal(2, Server.CdnRequests.Count());
        Assert.All(_progress.Reports, report => Assert.InRange(report.TotalBytes, 0, Size));
    }

    [Fact]
    public async Task Resume_that_is_answered_with_416_begins_anew()
    {
        OnceAtCdn(CutAsync);
        Func<HttpContext, RecordedRequest, Task<bool>> first = Server.Intercept!;
        Server.Intercept = async (context, request) =>
        {
            if (request.IsCdn && request.Range is not null)
            {
                context.Response.StatusCode = 416;
                context.Response.Headers.ContentRange = $"bytes */{Size}";
                return true;
            }

            return await first(context, request);
        };

        HubFile file = await DownloadAsync(setup => setup.Threshold = OneStream);

        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(file.LocalPath));
        Assert.Equal(3, Server.CdnRequests.Count());
    }

    [Fact]
    public async Task Partial_that_is_complete_needs_no_request_for_its_bytes()
    {
        await LeavePartialAsync(Size);

        HubFile file = await DownloadAsync();

        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(file.LocalPath));
        Assert.Empty(Server.CdnRequests);
        Assert.Equal([Weights.Sha256], Blobs());
    }

    [Theory]
    [InlineData("bytes 1-1000/1048576")]
    [InlineData("bytes 0-65535/999")]
    [InlineData("bytes 0-65535/1048577")]
    [InlineData("bytes 0-1048575/1048576")]
    [InlineData("bytes 65535-0/1048576")]
    [InlineData("items 0-65535/1048576")]
    [InlineData("rubbish")]
    [InlineData("")]
    public async Task Range_that_was_not_asked_for_is_not_written(string contentRange)
    {
        Server.Intercept = async (context, request) =>
        {
            if (!request.IsCdn || request.Range is null)
            {
                return false;
            }

            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = contentRange;
            await Server.SendContentAsync(context, request, new byte[64 * 1024]);
            return true;
        };

        long written = 0;
        HubFile file = await DownloadAsync(setup => setup.Seams = new HubTestSeams { BeforeWrite = (_, count) => Interlocked.Add(ref written, count) });

        // Ranges that lie are given up in the end, and the whole file is asked for.
        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(file.LocalPath));
        Assert.Null(Server.CdnRequests.Last().Range);
        Assert.Equal([Weights.Sha256], Blobs());
        Assert.Equal(Size, written);
    }

    [Fact]
    public async Task Expired_url_is_renewed_once_for_all_workers()
    {
        int bodies = 0;
        Server.ContentSent = sent =>
        {
            if (sent > Size / 2 && Interlocked.Increment(ref bodies) == 1)
            {
                Server.Cdn.ExpireUrls();
            }

            return Task.CompletedTask;
        };

        HubFile file = await DownloadAsync();

        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(file.LocalPath));
        Assert.Equal(2, Server.HubRequests.Count(request => request.Method == "HEAD"));
        Assert.Contains(Server.CdnRequests, request => request.Status == 403);
        Assert.Equal(Size, Server.ContentBytes);
    }

    [Fact]
    public async Task Url_that_never_works_is_an_error_not_a_loop()
    {
        Server.Intercept = (context, request) =>
        {
            if (request.IsCdn)
            {
                context.Response.StatusCode = 403;
            }

            return Task.FromResult(request.IsCdn);
        };

        await Assert.ThrowsAsync<HubNetworkException>(() => DownloadAsync());

        Assert.InRange(Server.Requests.Count, 4, 20);
        Assert.Empty(Blobs());
    }

    [Fact]
    public async Task Trouble_with_a_cdn_names_the_file_too()
    {
        Server.Intercept = (context, request) =>
        {
            context.Response.StatusCode = request.IsCdn ? 500 : 200;
            return Task.FromResult(request.IsCdn);
        };

        HubNetworkException error = await Assert.ThrowsAsync<HubNetworkException>(() => DownloadAsync());

        Assert.StartsWith($"Fetching '{Weights.Path}' in {Gpt2}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Renewed_url_must_be_of_the_same_content()
    {
        Server.ContentSent = _ =>
        {
            Server.Cdn.ExpireUrls();
            Server.EditHeaders = (context, _) => context.Response.Headers["X-Linked-Etag"] = $"\"{new string('a', 64)}\"";
            return Task.CompletedTask;
        };

        HubIntegrityException error = await Assert.ThrowsAsync<HubIntegrityException>(() => DownloadAsync());

        Assert.Equal(Weights.Sha256, error.Expected);
        Assert.Equal(new string('a', 64), error.Actual);
    }

    [Fact]
    public async Task Branch_that_moves_in_between_does_not_mix_commits()
    {
        FakeFile newer = FakeFile.Text("config.json", "{\"newer\": true}");
        string second = "";
        Server.Intercept = (_, request) =>
        {
            if (request.Method == "GET" && second.Length == 0)
            {
                second = Repo.Commit([newer, Weights]);
            }

            return Task.FromResult(false);
        };

        HubFile file = await Client().DownloadFileAsync(Gpt2, "config.json");

        Assert.NotEqual("", second);
        Assert.Equal(C1, file.Commit);
        Assert.Equal(Config.Content, await File.ReadAllBytesAsync(file.LocalPath));
        Assert.Contains($"/snapshots/{C1}/", file.LocalPath, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(408)]
    [InlineData(0)]
    public async Task Body_that_does_not_begin_is_retried(int status)
    {
        int failures = 2;
        Server.Intercept = async (context, request) =>
        {
            if (!request.IsCdn || Interlocked.Decrement(ref failures) < 0)
            {
                return false;
            }

            if (status == 0)
            {
                context.Abort();
            }
            else
            {
                await FakeHubPages.ErrorAsync(context, status, null, null);
            }

            return true;
        };

        HubFile file = await DownloadAsync();

        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(file.LocalPath));
    }

    [Fact]
    public async Task Server_that_sends_nothing_is_left_after_the_timeout()
    {
        int stalls = 2;
        Server.Intercept = async (context, request) =>
        {
            if (!request.IsCdn || Interlocked.Decrement(ref stalls) < 0)
            {
                return false;
            }

            context.Response.ContentLength = Size;
            await context.Response.Body.WriteAsync(Weights.Content.AsMemory(0, 1000));
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
            return true;
        };

        HubFile file = await DownloadAsync(
            setup => (setup.Threshold, setup.Timeout, setup.Retries) = (OneStream, TimeSpan.FromMilliseconds(400), 8));

        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(file.LocalPath));
        Assert.Contains("sent nothing for", Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Timeout_of_the_environment_is_for_each_read_not_for_the_whole()
    {
        // Eight pieces, each later than the last by a seventh of the timeout: together longer than it.
        InterceptBodies(async (context, request) =>
        {
            context.Response.ContentLength = Size;
            for (int piece = 0; piece < 8; piece++)
            {
                await Server.SendContentAsync(context, request, Weights.Content.AsMemory(piece * Size / 8, Size / 8));
                await context.Response.Body.FlushAsync();
                await Task.Delay(300);
            }
        });

        HubFile file = await DownloadAsync(setup =>
        {
            setup.Threshold = OneStream;
            setup.Timeout = TimeSpan.FromMilliseconds(1);
            setup.Variables["HF_HUB_DOWNLOAD_TIMEOUT"] = "2.1";
            setup.Variables["HF_HUB_ETAG_TIMEOUT"] = "30";
            setup.Retries = 0;
        });

        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(file.LocalPath));
        Assert.Single(Server.CdnRequests);
    }

    [Fact]
    public async Task Success_leaves_no_partial_and_the_lock_where_python_has_it()
    {
        await DownloadAsync();

        Assert.Empty(Leftovers());
        Assert.True(File.Exists(Path.Combine(CacheDirectory, ".locks", "models--openai-community--gpt2", Weights.Sha256 + ".lock")));
    }

    [Fact]
    public async Task Partials_of_python_do_no_harm()
    {
        string blobs = Path.Combine(RepoCache, "blobs");
        Directory.CreateDirectory(blobs);
        await File.WriteAllBytesAsync(Path.Combine(blobs, Weights.Sha256 + ".incomplete"), new byte[5000]);
        await File.WriteAllBytesAsync(Path.Combine(blobs, Weights.Sha256 + ".0123abcd.incomplete"), Weights.Content);
        await File.WriteAllBytesAsync(Path.Combine(blobs, Config.GitHash + ".incomplete"), Config.Content);

        HubSnapshot snapshot = await Client().DownloadSnapshotAsync(Gpt2);

        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(snapshot.Find(Weights.Path)!.LocalPath));
        Assert.Equal(Config.Content, await File.ReadAllBytesAsync(snapshot.Find(Config.Path)!.LocalPath));
    }

    private Task<HubFile> DownloadAsync(Action<TestSetup>? change = null)
    {
        HubClient hub = Client(setup =>
        {
            setup.Seams = _watch.Seams;
            change?.Invoke(setup);
        });
        return hub.DownloadFileAsync(Gpt2, Weights.Path, null, _progress);
    }

    /// <summary>Leaves what a killed download leaves: a partial with so many bytes from the beginning.</summary>
    private async Task LeavePartialAsync(int bytes)
    {
        string blobs = Path.Combine(RepoCache, "blobs");
        Directory.CreateDirectory(blobs);
        await File.WriteAllBytesAsync(Path.Combine(blobs, $"{Weights.Sha256}.00000001.incomplete"), Weights.Content[..bytes]);
        Assert.True(ContentHash.TryParse(Weights.Sha256, out ContentHash? hash));
        using RangeMap map = RangeMap.Create(
            Path.Combine(blobs, $"{Weights.Sha256}.00000002.map.incomplete"), Size, 64 * 1024, "00000001", hash);
        map.Advance(0, bytes);
    }

    private async Task CutAsync(HttpContext context, RecordedRequest request)
    {
        context.Response.ContentLength = Size;
        await Server.SendContentAsync(context, request, Weights.Content.AsMemory(0, Size / 2));
        await context.Response.Body.FlushAsync();
        await _watch.Until(Size / 2);
        context.Abort();
    }

    private void OnceAtCdn(Func<HttpContext, RecordedRequest, Task> answer)
    {
        int left = 1;
        Server.Intercept = async (context, request) =>
        {
            if (!request.IsCdn || Interlocked.Decrement(ref left) < 0)
            {
                return false;
            }

            await answer(context, request);
            return true;
        };
    }

    /// <summary>Answers all requests for content, at the CDN and in the hub's own cache.</summary>
    private void InterceptBodies(Func<HttpContext, RecordedRequest, Task> answer) => Server.Intercept = async (context, request) =>
    {
        bool body = request.Method == "GET" && (request.IsCdn || request.Path.StartsWith("/api/resolve-cache/", StringComparison.Ordinal));
        if (body)
        {
            await answer(context, request);
        }

        return body;
    };
}
