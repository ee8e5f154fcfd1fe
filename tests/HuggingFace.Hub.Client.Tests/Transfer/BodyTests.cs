using Microsoft.AspNetCore.Http;

namespace HuggingFace.Hub.Client.Tests;

/// <summary>Bodies that are not the file: cut, longer, damaged, compressed, another page.</summary>
public sealed class BodyTests : HubTest
{
    private const int Size = 1024 * 1024;

    /// <summary>Large enough for a limit above the file's size: one stream.</summary>
    private const long OneStream = long.MaxValue / 4;

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(-Size)]
    public async Task Body_of_another_length_is_never_a_blob(int difference)
    {
        byte[] wrong = [.. Weights.Content.AsSpan(0, Math.Min(Size, Size + difference)), .. new byte[Math.Max(0, difference)]];
        Server.Intercept = async (context, request) =>
        {
            if (!request.IsCdn)
            {
                return false;
            }

            // Chunked: no length warns of it.
            await Server.SendContentAsync(context, request, wrong);
            return true;
        };

        await Assert.ThrowsAnyAsync<HubException>(() => DownloadAsync(setup => setup.Threshold = OneStream));

        Assert.False(File.Exists(Blob(Weights)));
        Assert.False(File.Exists(Link(Weights)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Flipped_byte_is_found_and_downloaded_once_more(bool lfs)
    {
        FakeFile file = lfs ? Weights : Config;
        byte[] flipped = [.. file.Content];
        flipped[^5] ^= 4;
        int wrong = 1;
        int bodies = 0;
        InterceptBodies(async (context, request) =>
        {
            bool lie = Interlocked.Increment(ref bodies) <= wrong;
            await FakeCdnPages.SendFileAsync(Server, context, request, lie ? flipped : file.Content);
        });

        HubFile result = await Client(setup => setup.Threshold = OneStream).DownloadFileAsync(Gpt2, file.Path);
        Assert.Equal(file.Content, await File.ReadAllBytesAsync(result.LocalPath));
        Assert.Equal(2, bodies);

        Directory.Delete(CacheDirectory, recursive: true);
        (bodies, wrong) = (0, int.MaxValue);
        HubIntegrityException error = await Assert.ThrowsAsync<HubIntegrityException>(
            () => Client(setup => setup.Threshold = OneStream).DownloadFileAsync(Gpt2, file.Path));

        Assert.Equal(file.ETag, error.Expected);
        Assert.Equal(new FakeFile(file.Path, flipped, lfs).ETag, error.Actual);
        Assert.Equal(HubErrorCategory.Integrity, error.Category);
        Assert.Equal(2, bodies);
        Assert.Empty(Blobs());
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task Compression_that_was_not_asked_for_is_undone(string encoding)
    {
        InterceptBodies(async (context, _) =>
        {
            context.Response.Headers.ContentEncoding = encoding;
            await context.Response.Body.WriteAsync(Compression.Compress(Config.Content, encoding));
        });

        HubFile file = await Client().DownloadFileAsync(Gpt2, "config.json");

        Assert.Equal(Config.Content, await File.ReadAllBytesAsync(file.LocalPath));
        Assert.All(Server.Requests, request => Assert.Equal("identity", request.Headers["Accept-Encoding"]));
    }

    [Theory]
    [InlineData("zstd")]
    [InlineData("gzip, gzip")]
    public async Task Unknown_compression_is_refused(string encoding)
    {
        InterceptBodies(async (context, _) =>
        {
            context.Response.Headers.ContentEncoding = encoding;
            await context.Response.Body.WriteAsync(Config.Content);
        });

        await Assert.ThrowsAsync<HubResponseException>(() => Client().DownloadFileAsync(Gpt2, "config.json"));

        Assert.Empty(Blobs());
    }

    [Fact]
    public async Task Compressed_bomb_stops_at_the_files_size()
    {
        byte[] bomb = Compression.Compress(new byte[64 << 20], "gzip");
        InterceptBodies(async (context, _) =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            await context.Response.Body.WriteAsync(bomb);
        });

        await Assert.ThrowsAsync<HubIntegrityException>(() => Client().DownloadFileAsync(Gpt2, "config.json"));

        Assert.Empty(Blobs());
    }

    [Fact]
    public async Task Error_page_with_status_200_is_never_a_blob()
    {
        InterceptBodies(async (context, _) =>
        {
            context.Response.ContentType = "text/html";
            await context.Response.WriteAsync("<html>Sorry</html>");
        });

        await Assert.ThrowsAnyAsync<HubException>(() => DownloadAsync());

        Assert.Empty(Blobs());
        Assert.False(File.Exists(Link(Weights)));
    }

    [Fact]
    public async Task Content_without_any_length_is_verified_all_the_same()
    {
        Server.EditHeaders = (context, _) => context.Response.Headers.Remove("X-Linked-Size");
        InterceptBodies((context, request) => Server.SendContentAsync(context, request, Weights.Content));

        HubFile file = await DownloadAsync();
        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(file.LocalPath));

        Directory.Delete(CacheDirectory, recursive: true);
        InterceptBodies((context, request) => Server.SendContentAsync(context, request, Weights.Content.AsMemory(1)));
        await Assert.ThrowsAsync<HubIntegrityException>(() => DownloadAsync());
        Assert.Empty(Blobs());
    }

    private Task<HubFile> DownloadAsync(Action<TestSetup>? change = null) => Client(change).DownloadFileAsync(Gpt2, Weights.Path);

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
