using System.Security.Cryptography;
using System.Text;

namespace HuggingFace.Hub.Client.Tests;

public sealed class FileMetadataTests : HubTest
{
    [Fact]
    public async Task Small_file_is_found_through_the_redirect_within_the_hub()
    {
        HubFile file = await Client(setup => setup.Token = "hf_secret").DownloadFileAsync(Gpt2, "config.json");

        Assert.Equal(Link(Config), file.LocalPath);
        Assert.Equal(Config.Content, await File.ReadAllBytesAsync(file.LocalPath));
        Assert.Equal([Config.GitHash], Blobs());
        RecordedRequest[] heads = [.. Server.Requests.Where(request => request.Method == "HEAD")];
        Assert.Equal(2, heads.Length);
        Assert.Contains($"etag=%22{Config.GitHash}%22", heads[1].Target, StringComparison.Ordinal);
        Assert.All(Server.Requests, request => Assert.Equal("Bearer hf_secret", request.Authorization));
    }

    [Fact]
    public async Task Large_file_comes_from_the_cdn_without_the_token()
    {
        HubFile file = await Client(setup => setup.Token = "hf_secret").DownloadFileAsync(Gpt2, Weights.Path);

        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(file.LocalPath));
        Assert.Equal(Weights.Content.Length, file.Size);
        Assert.NotEmpty(Server.CdnRequests);
        Assert.All(Server.CdnRequests, request =>
        {
            Assert.Equal("GET", request.Method);
            Assert.Null(request.Authorization);
        });
        Assert.Single(Server.HubRequests);
        Assert.Equal([Weights.Sha256], Blobs());
    }

    [Fact]
    public async Task Length_of_a_redirect_is_not_taken_for_the_files_size()
    {
        Server.EditHeaders = (context, _) => context.Response.Headers.Remove("X-Linked-Size");
        var progress = new ProgressList();

        HubFile file = await Client().DownloadFileAsync(Gpt2, Weights.Path, null, progress);

        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(file.LocalPath));
        Assert.DoesNotContain(progress.Reports, report => report.FileSize == 1008);
        Assert.Equal(Weights.Content.Length, progress.Reports[^1].TotalSize);
    }

    [Theory]
    [InlineData("W/\"{0}\"")]
    [InlineData("\"{0}\"")]
    [InlineData("{0}")]
    public async Task Blob_has_the_same_name_however_the_etag_is_written(string form)
    {
        Server.EditHeaders = (context, _) =>
        {
            if (context.Response.Headers.ContainsKey("X-Linked-Etag"))
            {
                context.Response.Headers["X-Linked-Etag"] = form.Replace("{0}", Weights.Sha256, StringComparison.Ordinal);
            }
        };

        await Client().DownloadFileAsync(Gpt2, Weights.Path);

        Assert.Equal([Weights.Sha256], Blobs());
    }

    [Fact]
    public async Task Missing_commit_header_is_named_with_the_url()
    {
        Server.EditHeaders = (context, _) => context.Response.Headers.Remove("X-Repo-Commit");

        HubResponseException error = await Assert.ThrowsAsync<HubResponseException>(() => Client().DownloadFileAsync(Gpt2, Weights.Path));

        Assert.Contains("X-Repo-Commit", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{Server.HubUrl}openai-community/gpt2/resolve/main/model.safetensors", error.Message, StringComparison.Ordinal);
        Assert.Empty(Blobs());
    }

    [Fact]
    public async Task Missing_commit_header_does_not_hide_the_cached_copy()
    {
        HubClient hub = Client();
        await hub.DownloadFileAsync(Gpt2, Weights.Path);
        Server.EditHeaders = (context, _) => context.Response.Headers.Remove("X-Repo-Commit");

        HubFile file = await hub.DownloadFileAsync(Gpt2, Weights.Path);

        Assert.Equal(Link(Weights), file.LocalPath);
        Assert.False(file.WasDownloaded);
    }

    [Theory]
    [InlineData("refs/pr/1", "refs%2Fpr%2F1")]
    [InlineData("feature/x", "feature%2Fx")]
    [InlineData("fix#123", "fix%23123")]
    public async Task Revision_is_one_part_of_the_url_and_a_path_below_refs(string revision, string encoded)
    {
        Repo.Refs[revision] = C1;

        await Client().DownloadFileAsync(Gpt2, "config.json", new HubFileOptions { Revision = revision });

        Assert.Equal($"/{Gpt2}/resolve/{encoded}/config.json", Server.Requests[0].Target);
        Assert.Equal(C1, await File.ReadAllTextAsync(Path.Combine([RepoCache, "refs", .. revision.Split('/')])));
    }

    [Fact]
    public async Task Path_is_encoded_part_by_part_and_kept_as_it_is_on_disk()
    {
        FakeFile odd = FakeFile.Lfs("subdir/file name #1?.bin", 1000);
        Repo.Commit([odd]);

        HubFile file = await Client().DownloadFileAsync(Gpt2, odd.Path);

        Assert.Equal($"/{Gpt2}/resolve/main/subdir/file%20name%20%231%3F.bin", Server.Requests[0].Target);
        Assert.EndsWith("/subdir/file name #1?.bin", file.LocalPath, StringComparison.Ordinal);
        Assert.Equal(odd.Content, await File.ReadAllBytesAsync(file.LocalPath));
    }

    [Fact]
    public async Task Signed_address_is_sent_back_byte_for_byte()
    {
        await Client().DownloadFileAsync(Gpt2, Weights.Path);

        Assert.All(Server.CdnRequests, request => Assert.EndsWith("&Key-Pair-Id=K~1%7E", request.Target, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Etag_that_is_no_hash_is_replaced_by_the_listings_hash()
    {
        Server.EditHeaders = (context, _) =>
        {
            if (context.Response.Headers.ContainsKey("X-Linked-Etag"))
            {
                context.Response.Headers["X-Linked-Etag"] = "\"17\"";
            }
        };

        await Client().DownloadFileAsync(Gpt2, Weights.Path);

        Assert.Equal([Weights.Sha256], Blobs());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Etag_of_the_cdn_is_never_taken_for_the_contents_hash(bool mirrorPassesItOn)
    {
        if (mirrorPassesItOn)
        {
            Server.EditHeaders = (context, request) =>
            {
                if (!request.IsCdn && context.Response.StatusCode == 302)
                {
                    context.Response.Headers.Remove("X-Linked-Etag");
                    context.Response.Headers.ETag = $"\"{Weights.XetHash}\"";
                }
            };
        }

        await Client().DownloadFileAsync(Gpt2, Weights.Path);

        Assert.NotEqual(Weights.XetHash, Weights.Sha256);
        Assert.Equal([Weights.Sha256], Blobs());
    }

    [Fact]
    public void Git_hash_is_gits()
    {
        byte[] content = Encoding.ASCII.GetBytes("hello\n");
        Assert.True(ContentHash.TryParse(new string('0', 40), out ContentHash? kind));
        using var hasher = new ContentHasher(kind, content.Length);
        hasher.Append(content);

        // echo hello | git hash-object --stdin
        Assert.Equal("ce013625030ba8dba906f756967f9e9ca394464a", hasher.Finish());
        Assert.Equal("ce013625030ba8dba906f756967f9e9ca394464a", new FakeFile("x", content, isLfs: false).GitHash);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), new FakeFile("x", content, isLfs: true).Sha256);
    }

    [Fact]
    public async Task Empty_file_is_a_file()
    {
        FakeFile empty = FakeFile.Text("empty.txt", "");
        Repo.Commit([empty]);

        HubFile file = await Client().DownloadFileAsync(Gpt2, "empty.txt");

        Assert.Equal(0, file.Size);
        Assert.Equal("e69de29bb2d1d6434b8b29ae775ad8c2e48c5391", Assert.Single(Blobs()));
    }
}
