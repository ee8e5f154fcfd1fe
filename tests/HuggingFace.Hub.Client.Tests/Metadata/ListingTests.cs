using Microsoft.AspNetCore.Http;

namespace HuggingFace.Hub.Client.Tests;

public sealed class ListingTests : HubTest
{
    private readonly FakeFile[] _many = [.. Enumerable.Range(0, 5).Select(i => FakeFile.Text($"f{i}.txt", $"content {i}"))];

    [Fact]
    public async Task Listing_tells_sizes_and_hashes()
    {
        RepoListing listing = await Client().ListFilesAsync(Gpt2);

        Assert.Equal(C1, listing.Commit);
        Assert.Equal([Config.Path, Weights.Path], listing.Files.Select(file => file.Path));
        RepoFile weights = listing.Find(Weights.Path)!;
        Assert.Equal((Weights.Content.Length, Weights.Sha256, Weights.PointerHash, Weights.XetHash), (
            weights.Size, weights.Sha256, weights.BlobId, weights.XetHash));
        Assert.Null(listing.Find(Config.Path)!.Sha256);
        Assert.False(Directory.Exists(CacheDirectory));
    }

    [Fact]
    public async Task Pages_are_followed()
    {
        Repo.Commit(_many);
        Server.Hub.PageSize = 2;

        RepoListing listing = await Client().ListFilesAsync(Gpt2);

        Assert.Equal(_many.Select(file => file.Path), listing.Files.Select(file => file.Path));
        Assert.Equal(3, Server.Requests.Count(request => request.Path.Contains("/tree/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Next_page_on_a_foreign_host_is_refused()
    {
        Repo.Commit(_many);
        Server.Hub.PageSize = 2;
        Server.Hub.LinkBase = Server.CdnUrl.AbsoluteUri.TrimEnd('/');

        HubResponseException error = await Assert.ThrowsAsync<HubResponseException>(
            () => Client(setup => setup.Token = "hf_secret").ListFilesAsync(Gpt2));

        Assert.Contains("next page", error.Message, StringComparison.Ordinal);
        Assert.Empty(Server.CdnRequests);
    }

    [Fact]
    public async Task Pages_that_lead_in_a_circle_are_an_error()
    {
        Repo.Commit(_many);
        Server.EditHeaders = (context, request) => context.Response.Headers.Link = $"<{request.Target}>; rel=\"next\"";

        await Assert.ThrowsAsync<HubResponseException>(() => Client().ListFilesAsync(Gpt2));
    }

    [Fact]
    public async Task Pages_without_an_end_are_an_error()
    {
        int page = 0;
        Server.Intercept = async (context, request) =>
        {
            if (!request.Path.Contains("/tree/", StringComparison.Ordinal))
            {
                return false;
            }

            // Always another address, so that it is no circle.
            context.Response.Headers.Link = $"<{request.Path}?cursor={++page}>; rel=\"next\"";
            await context.Response.WriteAsync("[]");
            return true;
        };

        HubResponseException error = await Assert.ThrowsAsync<HubResponseException>(() => Client().ListFilesAsync(Gpt2));

        Assert.Contains("no end", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, page);
    }

    [Theory]
    [InlineData("oid", "abc")]
    [InlineData("oid", null)]
    [InlineData("size", -1)]
    [InlineData("size", null)]
    [InlineData("type", "symlink")]
    [InlineData("path", null)]
    [InlineData("path", "../x")]
    [InlineData("path", "config.json")]
    public async Task Entry_that_makes_no_sense_is_refused(string field, object? value)
    {
        Server.Hub.EditEntry = (file, entry) =>
        {
            if (file == Weights)
            {
                entry.Remove("lfs");
                entry[field] = value;
            }

            return entry;
        };

        HubException error = await Assert.ThrowsAnyAsync<HubException>(() => Client().DownloadSnapshotAsync(Gpt2));

        Assert.Equal(HubErrorCategory.Integrity, error.Category);
        Assert.Empty(Blobs());
    }

    [Fact]
    public async Task Lfs_hash_that_is_no_sha256_is_refused()
    {
        Server.Hub.EditEntry = (file, entry) =>
        {
            if (file.IsLfs)
            {
                entry["lfs"] = new Dictionary<string, object?> { ["oid"] = Weights.Sha256.ToUpperInvariant(), ["size"] = 1 };
            }

            return entry;
        };

        await Assert.ThrowsAsync<HubResponseException>(() => Client().ListFilesAsync(Gpt2));
    }

    [Fact]
    public async Task File_that_would_be_a_directory_too_is_refused()
    {
        Repo.Commit([FakeFile.Text("a", "1"), FakeFile.Text("a/b", "2")]);

        await Assert.ThrowsAsync<HubPathException>(() => Client().DownloadSnapshotAsync(Gpt2));
    }

    [Theory]
    [InlineData("<html>")]
    [InlineData("[1, 2]")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("[{\"type\":\"file\",\"path\":\"x\",\"oid\":1e999}]")]
    public async Task What_is_no_listing_is_an_error(string json)
    {
        Server.Intercept = async (context, request) =>
        {
            if (!request.Path.Contains("/tree/", StringComparison.Ordinal))
            {
                return false;
            }

            await context.Response.Body.WriteAsync(System.Text.Encoding.UTF8.GetBytes(json));
            return true;
        };

        await Assert.ThrowsAsync<HubResponseException>(() => Client().ListFilesAsync(Gpt2));
    }

    [Fact]
    public async Task Revision_is_resolved_to_a_commit()
    {
        HubClient hub = Client();

        Assert.Equal(C1, await hub.ResolveRevisionAsync(Gpt2));
        Assert.Single(Server.Requests);
        Assert.Equal(C1, await hub.ResolveRevisionAsync(Gpt2, C1));
        Assert.Single(Server.Requests);
    }

    [Fact]
    public async Task Dataset_has_its_prefix_in_urls_and_its_own_folder()
    {
        var data = new FakeRepo("some/data", "datasets");
        data.Commit([Config, Weights]);
        Server.Add(data);

        HubSnapshot snapshot = await Client().DownloadSnapshotAsync(RepoId.Dataset("some/data"));

        Assert.StartsWith(Path.Combine(CacheDirectory, "datasets--some--data"), snapshot.Directory, StringComparison.Ordinal);
        Assert.Contains(Server.Requests, request => request.Path == "/api/datasets/some/data/revision/main");
        Assert.Contains(Server.Requests, request => request.Path.StartsWith("/datasets/some/data/resolve/", StringComparison.Ordinal));
    }
}
