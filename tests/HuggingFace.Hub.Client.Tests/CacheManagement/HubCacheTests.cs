namespace HuggingFace.Hub.Client.Tests;

public sealed class HubCacheTests : HubTest
{
    private readonly FakeFile _shared = FakeFile.Lfs("shared.bin", 10_000, seed: 3);
    private readonly FakeFile _older = FakeFile.Text("config.json", "{\"old\": 1}");
    private readonly FakeFile _newer = FakeFile.Text("config.json", "{\"new\": 1234}");

    [Fact]
    public async Task Scan_tells_repositories_revisions_files_and_sizes()
    {
        (string first, string second) = await TwoRevisionsAsync();
        HubCache cache = new(CacheDirectory);

        HubCacheInfo info = cache.Scan();

        HubCachedRepo repo = Assert.Single(info.Repos);
        Assert.Equal((new RepoId(Gpt2), RepoCache, 3), (repo.Repo, repo.Directory, repo.FileCount));
        long expected = _shared.Content.Length + _older.Content.Length + _newer.Content.Length;
        Assert.Equal((expected, expected), (repo.SizeOnDisk, info.SizeOnDisk));
        Assert.Equal([first, second], repo.Revisions.Select(revision => revision.Commit));
        Assert.Empty(repo.Revisions[0].Refs);
        Assert.Equal(["main"], repo.Revisions[1].Refs);
        Assert.Equal(["config.json", "shared.bin"], repo.Revisions[0].Files.Select(file => file.Path));
        Assert.Equal(Blob(_shared), repo.Revisions[0].Files[1].BlobPath);
        Assert.True(repo.LastModified > DateTimeOffset.UtcNow.AddHours(-1));
        Assert.Empty(info.Warnings);
        Assert.Empty(info.Partials);
    }

    [Fact]
    public void Cache_that_is_not_there_is_empty()
    {
        HubCacheInfo info = new HubCache(Path.Combine(Root, "nowhere")).Scan();

        Assert.Empty(info.Repos);
        Assert.Equal(0, info.SizeOnDisk);
    }

    [Fact]
    public async Task What_is_strange_is_a_warning_and_hides_nothing()
    {
        await TwoRevisionsAsync();
        File.Delete(Blob(_shared));
        await File.WriteAllTextAsync(Path.Combine(RepoCache, "refs", "broken"), "nonsense");
        await File.WriteAllTextAsync(Path.Combine(RepoCache, "refs", "gone"), new string('9', 40));
        Directory.CreateDirectory(Path.Combine(CacheDirectory, "models--..--evil"));
        Directory.CreateDirectory(Path.Combine(CacheDirectory, "blobs", "aa"));
        await File.WriteAllBytesAsync(Path.Combine(RepoCache, "blobs", Weights.Sha256 + ".incomplete"), new byte[77]);

        HubCacheInfo info = new HubCache(CacheDirectory).Scan();

        Assert.Single(info.Repos);
        Assert.Equal(4, info.Warnings.Count);
        Assert.Equal(77, Assert.Single(info.Partials).Size);
    }

    [Fact]
    public async Task Verification_finds_flipped_bits_and_missing_blobs_without_a_request()
    {
        await TwoRevisionsAsync();
        HubCache cache = Client().Cache;
        Server.ForgetRequests();
        HubCacheVerification good = await cache.VerifyAsync();
        Assert.Equal((3, 0, 0), (good.FilesChecked, good.FilesWithoutHash, good.Problems.Count));
        Assert.Equal(_shared.Content.Length + _older.Content.Length + _newer.Content.Length, good.BytesChecked);

        byte[] damaged = [.. _shared.Content];
        damaged[5000] ^= 1;
        await File.WriteAllBytesAsync(Blob(_shared), damaged);
        File.Delete(Blob(_newer));
        HubCacheVerification bad = await cache.VerifyAsync(Gpt2);

        HubCacheProblem flipped = Assert.Single(bad.Problems, problem => problem.Kind == HubCacheProblemKind.Damaged);
        Assert.Equal((Blob(_shared), _shared.Sha256, new FakeFile("x", damaged, true).Sha256), (
            flipped.FilePath, flipped.Expected, flipped.Actual));
        Assert.Equal(2, flipped.UsedBy.Count);
        HubCacheProblem missing = Assert.Single(bad.Problems, problem => problem.Kind == HubCacheProblemKind.Missing);
        Assert.Equal((Blob(_newer), _newer.GitHash), (missing.FilePath, missing.Expected));
        Assert.Empty(Server.Requests);
        Assert.Empty((await cache.VerifyAsync("another/repo")).Problems);
    }

    [Fact]
    public async Task Removal_of_a_revision_keeps_what_others_use()
    {
        (string first, string second) = await TwoRevisionsAsync();
        HubCache cache = new(CacheDirectory);

        HubCacheRemoval plan = cache.Remove(Gpt2, first, dryRun: true);
        Assert.True(plan.IsDryRun);
        Assert.True(Directory.Exists(Path.Combine(RepoCache, "snapshots", first)));
        HubCacheRemoval removal = cache.Remove(Gpt2, first);

        Assert.Equal(plan.FreedBytes, removal.FreedBytes);
        Assert.Equal(_older.Content.Length, removal.FreedBytes);
        Assert.Equal([new HubRemovedRevision(Gpt2, first)], removal.Revisions);
        Assert.Equal(new[] { _newer.ETag, _shared.ETag }.Order(), Blobs());
        Assert.False(Directory.Exists(Path.Combine(RepoCache, "snapshots", first)));
        Assert.False(File.Exists(Path.Combine(RepoCache, "trees", first + ".json")));
        Assert.Equal(second, await File.ReadAllTextAsync(Path.Combine(RepoCache, "refs", "main")));
        Assert.Empty(cache.Scan().Warnings);
    }

    [Fact]
    public async Task Removal_by_branch_removes_the_reference_too()
    {
        (string first, _) = await TwoRevisionsAsync();
        HubCache cache = new(CacheDirectory);

        cache.Remove(Gpt2, "main");

        Assert.False(File.Exists(Path.Combine(RepoCache, "refs", "main")));
        Assert.Equal([first], Assert.Single(cache.Scan().Repos).Revisions.Select(revision => revision.Commit));
        Assert.Empty(cache.Remove(Gpt2, "main").Revisions);
        Assert.Empty(cache.Remove("never/seen").Revisions);
    }

    [Fact]
    public async Task Removal_of_a_repository_leaves_nothing_of_it()
    {
        await TwoRevisionsAsync();
        HubCache cache = new(CacheDirectory);

        HubCacheRemoval removal = cache.Remove(Gpt2);

        Assert.Equal(_shared.Content.Length + _older.Content.Length + _newer.Content.Length, removal.FreedBytes);
        Assert.False(Directory.Exists(RepoCache));
        Assert.Empty(cache.Scan().Repos);
    }

    [Fact]
    public async Task What_a_refused_download_left_can_be_removed_and_is_told()
    {
        Repo.Commit([Weights]);
        await Assert.ThrowsAsync<HubEntryNotFoundException>(() => Client().DownloadModelAsync(Gpt2));
        HubCache cache = new(CacheDirectory);
        Assert.Single(cache.Scan().Repos);

        HubCacheRemoval plan = cache.Remove(Gpt2, dryRun: true);
        HubCacheRemoval removal = cache.Remove(Gpt2);

        Assert.NotEmpty(plan.Files);
        Assert.Equal(plan.Files, removal.Files);
        Assert.Empty(cache.Scan().Repos);
        Assert.Empty(cache.Remove(Gpt2).Files);
    }

    [Fact]
    public async Task Prune_removes_detached_revisions_unreferenced_blobs_and_partials()
    {
        (string first, string second) = await TwoRevisionsAsync();
        string blobs = Path.Combine(RepoCache, "blobs");
        await File.WriteAllBytesAsync(Path.Combine(blobs, new string('a', 40)), new byte[500]);
        await File.WriteAllBytesAsync(Path.Combine(blobs, Weights.Sha256 + ".12345678.incomplete"), new byte[70]);
        await File.WriteAllBytesAsync(Path.Combine(blobs, Weights.Sha256 + ".incomplete"), new byte[7]);
        HubCache cache = new(CacheDirectory);

        HubCacheRemoval nothing = cache.Prune(
            new HubPruneOptions { DetachedRevisions = false, UnreferencedBlobs = false, Partials = false });
        HubCacheRemoval plan = cache.Prune(new HubPruneOptions { DryRun = true });
        HubCacheRemoval removal = cache.Prune();

        Assert.Equal(0, nothing.FreedBytes);
        Assert.Equal(500 + 70 + 7 + _older.Content.Length, plan.FreedBytes);
        Assert.Equal(plan.FreedBytes, removal.FreedBytes);
        Assert.Equal([new HubRemovedRevision(Gpt2, first)], removal.Revisions);
        Assert.Equal(new[] { _newer.ETag, _shared.ETag }.Order(), Blobs());
        Assert.Equal(0, cache.Prune().FreedBytes);
        Assert.Equal(2, (await Client(setup => setup.Offline = true).DownloadSnapshotAsync(
            Gpt2, new HubSnapshotOptions { Revision = second })).Files.Count);
    }

    [Fact]
    public async Task Prune_leaves_a_running_download_alone()
    {
        HubCacheRemoval? removal = null;
        Server.ContentSent = sent =>
        {
            if (sent > 500_000 && removal is null)
            {
                removal = new HubCache(CacheDirectory).Prune();
            }

            return Task.CompletedTask;
        };

        HubFile file = await Client().DownloadFileAsync(Gpt2, Weights.Path);

        Assert.Empty(removal!.Files);
        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(file.LocalPath));
        Assert.Equal(Weights.Content.Length, Server.ContentBytes);
    }

    [Fact]
    public async Task Nothing_outside_the_folder_is_ever_removed()
    {
        await TwoRevisionsAsync();
        string precious = Path.Combine(Root, "precious.bin");
        await File.WriteAllTextAsync(precious, "precious");
        string snapshot = Directory.GetDirectories(Path.Combine(RepoCache, "snapshots"))[0];
        File.CreateSymbolicLink(Path.Combine(snapshot, "leads-out"), precious);
        Directory.CreateSymbolicLink(Path.Combine(snapshot, "leads-out-too"), Root);

        new HubCache(CacheDirectory).Remove(Gpt2);

        Assert.Equal("precious", await File.ReadAllTextAsync(precious));
        Assert.False(Directory.Exists(RepoCache));
    }

    private async Task<(string First, string Second)> TwoRevisionsAsync()
    {
        string first = Repo.Commit([_older, _shared]);
        HubClient hub = Client();
        await hub.DownloadSnapshotAsync(Gpt2);
        string second = Repo.Commit([_newer, _shared]);
        await hub.DownloadSnapshotAsync(Gpt2);
        return (first, second);
    }
}
