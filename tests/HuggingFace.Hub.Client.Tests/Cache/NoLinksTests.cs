namespace HuggingFace.Hub.Client.Tests;

/// <summary>The cache as it is on Windows without the right to make links, forced by a flag or by links that fail.</summary>
public sealed class NoLinksTests : HubTest
{
    [Fact]
    public async Task New_file_is_moved_into_the_snapshot()
    {
        HubClient hub = Client(setup => setup.Links = false);

        await hub.DownloadSnapshotAsync(Gpt2);

        Assert.Empty(Blobs());
        Assert.Null(new FileInfo(Link(Weights)).LinkTarget);
        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(Link(Weights)));
        Assert.Equal(Weights.Content.Length + Config.Content.Length, hub.Cache.Scan().SizeOnDisk);
    }

    [Fact]
    public async Task Existing_blob_is_copied()
    {
        await Client().DownloadFileAsync(Gpt2, Weights.Path);
        File.Delete(Link(Weights));
        Server.ForgetRequests();

        HubFile file = await Client(setup => setup.Links = false).DownloadFileAsync(Gpt2, Weights.Path);

        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(file.LocalPath));
        Assert.Null(new FileInfo(file.LocalPath).LinkTarget);
        Assert.True(File.Exists(Blob(Weights)));
        Assert.Equal(0, Server.ContentBytes);
    }

    [Fact]
    public async Task Hits_are_checked_and_damage_is_repaired()
    {
        HubClient hub = Client(setup => setup.Links = false);
        await hub.DownloadFileAsync(Gpt2, Weights.Path);
        var byCommit = new HubFileOptions { Revision = C1 };
        Server.ForgetRequests();
        await hub.DownloadFileAsync(Gpt2, Weights.Path, byCommit);
        Assert.Empty(Server.Requests);

        await File.WriteAllBytesAsync(Link(Weights), new byte[10]);
        await hub.DownloadFileAsync(Gpt2, Weights.Path, byCommit);

        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(Link(Weights)));
    }

    [Fact]
    public async Task Variable_turns_links_off()
    {
        await Client(setup => setup.Variables["HF_HUB_DISABLE_SYMLINKS"] = "1").DownloadFileAsync(Gpt2, "config.json");

        Assert.Null(new FileInfo(Link(Config)).LinkTarget);
    }

    [Fact]
    public async Task Eight_files_at_once_whose_links_fail_are_all_there()
    {
        FakeFile[] files = [.. Enumerable.Range(0, 8).Select(i => FakeFile.Lfs($"d{i % 3}/part{i}.bin", 20_000, i))];
        Repo.Commit(files);
        var forbidden = new HubTestSeams
        {
            CreateSymbolicLink = (_, _) =>
                throw new IOException("A required privilege is not held by the client.", unchecked((int)0x80070522)),
        };

        HubSnapshot snapshot = await Client(setup => (setup.Files, setup.Seams) = (8, forbidden)).DownloadSnapshotAsync(Gpt2);

        foreach (FakeFile file in files)
        {
            string path = snapshot.Find(file.Path)!.LocalPath;
            Assert.Null(new FileInfo(path).LinkTarget);
            Assert.Equal(file.Content, await File.ReadAllBytesAsync(path));
        }

        Assert.Single(Log.Lines, line => line.Contains("cannot hold symbolic links", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Link_that_fails_later_is_no_trouble_either()
    {
        int links = 0;
        var unsteady = new HubTestSeams
        {
            CreateSymbolicLink = (path, target) =>
            {
                if (Interlocked.Increment(ref links) > 1)
                {
                    throw new UnauthorizedAccessException("no privilege");
                }

                File.CreateSymbolicLink(path, target);
            },
        };

        await Client(setup => (setup.Files, setup.Seams) = (1, unsteady)).DownloadSnapshotAsync(Gpt2);

        Assert.Equal(Config.Content, await File.ReadAllBytesAsync(Link(Config)));
        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(Link(Weights)));
    }

    [Fact]
    public async Task Verification_knows_the_hashes_of_real_files()
    {
        HubClient hub = Client(setup => setup.Links = false);
        await hub.DownloadSnapshotAsync(Gpt2);
        Assert.Empty((await hub.Cache.VerifyAsync()).Problems);

        byte[] damaged = [.. Weights.Content];
        damaged[1]++;
        await File.WriteAllBytesAsync(Link(Weights), damaged);

        HubCacheProblem problem = Assert.Single((await hub.Cache.VerifyAsync()).Problems);
        Assert.Equal((HubCacheProblemKind.Damaged, Link(Weights), Weights.Sha256), (problem.Kind, problem.FilePath, problem.Expected));
    }
}
