namespace HuggingFace.Hub.Client.Tests;

public sealed class HostileServerTests : HubTest
{
    public static TheoryData<string> Escapes =>
    [
        "../../../etc/passwd", "folder/../../x", "..\\..\\x", "/etc/passwd", "C:\\x", "C:/x", "D:rel", "\\\\host\\share\\x", "folder/\\x",
    ];

    [Theory]
    [MemberData(nameof(Escapes))]
    public async Task Name_in_a_listing_cannot_leave_the_directory(string path)
    {
        Repo.Commit([FakeFile.Text(path, "x"), Config]);

        HubPathException cache = await Assert.ThrowsAsync<HubPathException>(() => Client().DownloadSnapshotAsync(Gpt2));
        await Assert.ThrowsAsync<HubPathException>(
            () => Client().DownloadSnapshotAsync(Gpt2, new HubSnapshotOptions { LocalDirectory = Path.Combine(Root, "local") }));

        Assert.Equal(HubErrorCategory.Integrity, cache.Category);
        Assert.False(Directory.Exists(Path.Combine(RepoCache, "snapshots")));
        Assert.False(Directory.Exists(Path.Combine(RepoCache, "blobs")));
    }

    [Theory]
    [MemberData(nameof(Escapes))]
    public async Task Name_asked_for_cannot_leave_the_directory_and_causes_no_request(string path)
    {
        HubPathException error = await Assert.ThrowsAsync<HubPathException>(() => Client().DownloadFileAsync(Gpt2, path));
        await Assert.ThrowsAsync<HubPathException>(() => Client().OpenFileAsync(Gpt2, path));

        Assert.Equal(HubErrorCategory.Local, error.Category);
        Assert.Empty(Server.Requests);
    }

    [Theory]
    [MemberData(nameof(Escapes))]
    [InlineData("sub/model-1.safetensors")]
    public async Task Name_in_a_weight_map_must_be_a_plain_file_name(string shard)
    {
        string json = System.Text.Json.JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["weight_map"] = new Dictionary<string, string> { ["a"] = "model-00001.safetensors", ["b"] = shard },
        });
        Repo.Commit([Config, FakeFile.Text("model.safetensors.index.json", json), FakeFile.Lfs("model-00001.safetensors", 100)]);

        HubPathException error = await Assert.ThrowsAsync<HubPathException>(() => Client().DownloadModelAsync(Gpt2));

        Assert.Equal(shard, error.Name);
        Assert.Contains("weight_map", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Server.CdnRequests, _ => true);
    }

    [Theory]
    [InlineData("../../../../tmp/pwn")]
    [InlineData("ABCDEF0123ABCDEF0123ABCDEF0123ABCDEF0123")]
    [InlineData("abc")]
    [InlineData("")]
    public async Task Etag_that_is_no_hash_never_names_a_file(string etag)
    {
        Server.EditHeaders = (context, _) =>
        {
            if (context.Response.Headers.ContainsKey("X-Linked-Etag"))
            {
                context.Response.Headers["X-Linked-Etag"] = etag;
            }
        };
        Server.Hub.EditEntry = (_, entry) =>
        {
            entry.Remove("lfs");
            entry["oid"] = etag;
            return entry;
        };

        await Assert.ThrowsAsync<HubResponseException>(() => Client().DownloadFileAsync(Gpt2, Weights.Path));

        Assert.Empty(Blobs());
        Assert.False(Directory.Exists(Path.Combine(RepoCache, "snapshots")));
    }

    [Theory]
    [InlineData("../..")]
    [InlineData("CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC")]
    [InlineData("cccccccccccccccccccccccccccccccccccccccc0")]
    [InlineData("main")]
    public async Task Commit_that_is_none_is_refused(string commit)
    {
        Server.EditHeaders = (context, _) => context.Response.Headers["X-Repo-Commit"] = commit;

        HubResponseException error = await Assert.ThrowsAsync<HubResponseException>(() => Client().DownloadFileAsync(Gpt2, Weights.Path));

        Assert.Contains("X-Repo-Commit", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(RepoCache));
    }

    [Fact]
    public async Task Commit_in_an_absence_must_be_one_too()
    {
        Server.EditHeaders = (context, _) => context.Response.Headers["X-Repo-Commit"] = "../../../../x";

        HubEntryNotFoundException error = await Assert.ThrowsAsync<HubEntryNotFoundException>(
            () => Client().DownloadFileAsync(Gpt2, "absent.json"));

        Assert.Null(error.Commit);
        Assert.False(Directory.Exists(RepoCache));
    }

    [Fact]
    public async Task Commit_of_the_api_must_be_one()
    {
        Server.Intercept = async (context, request) =>
        {
            if (!request.Path.Contains("/revision/", StringComparison.Ordinal))
            {
                return false;
            }

            await context.Response.Body.WriteAsync("{\"id\": \"x\", \"sha\": \"../../x\"}"u8.ToArray());
            return true;
        };

        await Assert.ThrowsAsync<HubResponseException>(() => Client().DownloadSnapshotAsync(Gpt2));

        Assert.False(Directory.Exists(RepoCache));
    }

    [Fact]
    public async Task Names_that_differ_by_case_are_refused_where_they_are_one_file()
    {
        Repo.Commit([FakeFile.Text("a.txt", "1"), FakeFile.Text("A.txt", "2")]);

        await Assert.ThrowsAsync<HubPathException>(
            () => Client(setup => setup.Seams = new HubTestSeams { Rules = PathRules.Mac }).DownloadSnapshotAsync(Gpt2));
        Assert.Equal(2, (await Client().DownloadSnapshotAsync(Gpt2)).Files.Count);
    }

    [Theory]
    [InlineData("NUL")]
    [InlineData("con.json")]
    [InlineData("name:stream")]
    [InlineData("dot.")]
    public async Task Names_that_windows_reads_otherwise_are_refused_there(string path)
    {
        Repo.Commit([FakeFile.Text(path, "1")]);

        await Assert.ThrowsAsync<HubPathException>(
            () => Client(setup => setup.Seams = new HubTestSeams { Rules = PathRules.Windows }).DownloadSnapshotAsync(Gpt2));
    }

    [Fact]
    public async Task Bodies_that_never_end_are_cut()
    {
        Server.Intercept = async (context, request) =>
        {
            if (!request.Path.Contains("/tree/", StringComparison.Ordinal))
            {
                return false;
            }

            byte[] blank = new byte[1 << 20];
            Array.Fill(blank, (byte)' ');
            for (int i = 0; i < 80; i++)
            {
                await context.Response.Body.WriteAsync(blank, context.RequestAborted);
            }

            return true;
        };

        HubResponseException error = await Assert.ThrowsAsync<HubResponseException>(() => Client().ListFilesAsync(Gpt2));

        Assert.Contains("more than", error.Message, StringComparison.Ordinal);
    }
}
