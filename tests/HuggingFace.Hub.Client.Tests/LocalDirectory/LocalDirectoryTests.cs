namespace HuggingFace.Hub.Client.Tests;

public sealed class LocalDirectoryTests : HubTest
{
    private string Target => Path.Combine(Root, "target");

    private HubFileOptions IntoTarget => new() { LocalDirectory = Target };

    private string Metadata(FakeFile file) => Path.Combine(Target, ".cache", "huggingface", "download", file.Path + ".metadata");

    [Fact]
    public async Task Files_are_real_and_metadata_is_pythons()
    {
        HubSnapshot snapshot = await Client().DownloadSnapshotAsync(Gpt2, new HubSnapshotOptions { LocalDirectory = Target });

        Assert.Equal(Target, snapshot.Directory);
        Assert.Null(new FileInfo(Path.Combine(Target, Weights.Path)).LinkTarget);
        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(Path.Combine(Target, Weights.Path)));
        string[] lines = await File.ReadAllLinesAsync(Metadata(Weights));
        Assert.Equal(C1, lines[0]);
        Assert.Equal(Weights.Sha256, lines[1]);
        Assert.Matches(@"^\d+\.\d+$", lines[2]);
        Assert.Equal("*", await File.ReadAllTextAsync(Path.Combine(Target, ".cache", "huggingface", ".gitignore")));
        Assert.True(File.Exists(Path.Combine(Target, ".cache", "huggingface", "CACHEDIR.TAG")));
        Assert.True(File.Exists(Path.Combine(Target, ".cache", "huggingface", "trees", C1 + ".json")));
        Assert.True(File.Exists(Path.Combine(Target, ".cache", "huggingface", "download", Weights.Path + ".lock")));
        Assert.False(Directory.Exists(RepoCache));
        Assert.Empty(Directory.GetFiles(Target, "*.incomplete", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Same_commit_with_metadata_needs_no_request()
    {
        HubClient hub = Client();
        await hub.DownloadSnapshotAsync(Gpt2, new HubSnapshotOptions { LocalDirectory = Target });
        Server.ForgetRequests();

        HubFile file = await hub.DownloadFileAsync(Gpt2, Weights.Path, new HubFileOptions { LocalDirectory = Target, Revision = C1 });
        await hub.DownloadSnapshotAsync(Gpt2, new HubSnapshotOptions { LocalDirectory = Target, Revision = C1 });

        Assert.Empty(Server.Requests);
        Assert.Equal(Path.Combine(Target, Weights.Path), file.LocalPath);
    }

    [Fact]
    public async Task Same_etag_needs_a_head_only_and_renews_the_metadata()
    {
        HubClient hub = Client();
        await hub.DownloadFileAsync(Gpt2, Weights.Path, IntoTarget);
        string second = Repo.Commit([Weights]);
        Server.ForgetRequests();

        HubFile file = await hub.DownloadFileAsync(Gpt2, Weights.Path, IntoTarget);

        Assert.Equal("HEAD", Assert.Single(Server.Requests).Method);
        Assert.False(file.WasDownloaded);
        Assert.Equal(second, (await File.ReadAllLinesAsync(Metadata(Weights)))[0]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task File_without_metadata_is_adopted_when_its_content_is_right(bool lfs)
    {
        FakeFile file = lfs ? Weights : Config;
        Directory.CreateDirectory(Target);
        await File.WriteAllBytesAsync(Path.Combine(Target, file.Path), file.Content);

        HubFile result = await Client().DownloadFileAsync(Gpt2, file.Path, IntoTarget);

        Assert.False(result.WasDownloaded);
        Assert.Equal(0, Server.ContentBytes);
        Assert.Equal(file.ETag, (await File.ReadAllLinesAsync(Metadata(file)))[1]);
    }

    [Fact]
    public async Task File_with_other_content_is_replaced()
    {
        Directory.CreateDirectory(Target);
        byte[] other = [.. Weights.Content];
        other[3]++;
        await File.WriteAllBytesAsync(Path.Combine(Target, Weights.Path), other);

        HubFile file = await Client().DownloadFileAsync(Gpt2, Weights.Path, IntoTarget);

        Assert.True(file.WasDownloaded);
        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(file.LocalPath));
    }

    [Fact]
    public async Task File_changed_after_its_metadata_was_saved_is_looked_at_again()
    {
        HubClient hub = Client();
        await hub.DownloadFileAsync(Gpt2, Weights.Path, IntoTarget);
        string path = Path.Combine(Target, Weights.Path);
        byte[] other = [.. Weights.Content];
        other[3]++;
        await File.WriteAllBytesAsync(path, other);
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddMinutes(1));

        await hub.DownloadFileAsync(Gpt2, Weights.Path, new HubFileOptions { LocalDirectory = Target, Revision = C1 });

        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(path));
    }

    [Fact]
    public async Task File_in_the_main_cache_is_copied()
    {
        HubClient hub = Client();
        await hub.DownloadSnapshotAsync(Gpt2);
        Server.ForgetRequests();

        await hub.DownloadSnapshotAsync(Gpt2, new HubSnapshotOptions { LocalDirectory = Target });

        Assert.Equal(0, Server.ContentBytes);
        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(Path.Combine(Target, Weights.Path)));
    }

    [Fact]
    public async Task Damaged_file_in_the_main_cache_is_not_copied()
    {
        HubClient hub = Client();
        await hub.DownloadSnapshotAsync(Gpt2);
        byte[] other = [.. Weights.Content];
        other[3]++;
        await File.WriteAllBytesAsync(Blob(Weights), other);

        await hub.DownloadFileAsync(Gpt2, Weights.Path, IntoTarget);

        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(Path.Combine(Target, Weights.Path)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("only one line")]
    [InlineData("../../x\nabc\n123")]
    [InlineData("cccccccccccccccccccccccccccccccccccccccc\nabc\nnot a number")]
    [InlineData("cccccccccccccccccccccccccccccccccccccccc\nabc\nNaN")]
    public async Task Corrupt_metadata_is_ignored(string text)
    {
        HubClient hub = Client();
        await hub.DownloadFileAsync(Gpt2, Weights.Path, IntoTarget);
        await File.WriteAllTextAsync(Metadata(Weights), text);

        HubFile file = await hub.DownloadFileAsync(Gpt2, Weights.Path, IntoTarget);

        Assert.False(file.WasDownloaded);
        Assert.Equal(Weights.Sha256, (await File.ReadAllLinesAsync(Metadata(Weights)))[1]);
    }

    [Fact]
    public async Task Local_files_only_hands_out_what_is_there_untouched()
    {
        Directory.CreateDirectory(Target);
        string path = Path.Combine(Target, Weights.Path);
        await File.WriteAllTextAsync(path, "anything");

        HubFile file = await Client().DownloadFileAsync(
            Gpt2, Weights.Path, new HubFileOptions { LocalDirectory = Target, LocalFilesOnly = true });

        Assert.Equal("anything", await File.ReadAllTextAsync(file.LocalPath));
        Assert.Empty(Server.Requests);
        await Assert.ThrowsAsync<HubLocalEntryNotFoundException>(
            () => Client().DownloadFileAsync(Gpt2, "config.json", new HubFileOptions { LocalDirectory = Target, LocalFilesOnly = true }));
    }

    [Fact]
    public async Task Unreachable_hub_falls_back_to_what_is_there()
    {
        await Client().DownloadSnapshotAsync(Gpt2, new HubSnapshotOptions { LocalDirectory = Target });
        HubClient cut = Client(setup => setup.Endpoint = new Uri("http://127.0.0.1:1"));

        Assert.Equal(Path.Combine(Target, Weights.Path), (await cut.DownloadFileAsync(Gpt2, Weights.Path, IntoTarget)).LocalPath);
        Assert.Equal(2, (await cut.DownloadSnapshotAsync(Gpt2, new HubSnapshotOptions { LocalDirectory = Target })).Files.Count);
    }

    [Fact]
    public async Task Failed_update_leaves_the_old_file()
    {
        HubClient hub = Client();
        await hub.DownloadFileAsync(Gpt2, Weights.Path, IntoTarget);
        Repo.Commit([FakeFile.Lfs(Weights.Path, 400_000, seed: 5)]);
        Server.Intercept = (context, request) =>
        {
            if (request.IsCdn)
            {
                context.Response.StatusCode = 500;
            }

            return Task.FromResult(request.IsCdn);
        };

        await Assert.ThrowsAsync<HubNetworkException>(() => hub.DownloadFileAsync(Gpt2, Weights.Path, IntoTarget));

        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(Path.Combine(Target, Weights.Path)));
        Assert.Equal(Weights.Sha256, (await File.ReadAllLinesAsync(Metadata(Weights)))[1]);
    }

    [Fact]
    public async Task Interrupted_download_is_resumed()
    {
        using var cancel = new CancellationTokenSource();
        long written = 0;
        var seams = new HubTestSeams
        {
            BeforeWrite = (_, count) =>
            {
                if (Interlocked.Add(ref written, count) >= Weights.Content.Length / 2)
                {
                    cancel.Cancel();
                }
            },
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Client(setup => setup.Seams = seams).DownloadFileAsync(Gpt2, Weights.Path, IntoTarget, null, cancel.Token));
        Server.ForgetClients();

        HubFile file = await Client().DownloadFileAsync(Gpt2, Weights.Path, IntoTarget);

        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(file.LocalPath));
        Assert.InRange(Server.ContentBytes, 1, Weights.Content.Length / 2);
        Assert.Empty(Directory.GetFiles(Target, "*.incomplete", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Linked_directory_that_leaves_the_root_is_refused()
    {
        string outside = Path.Combine(Root, "outside");
        Directory.CreateDirectory(outside);
        Directory.CreateDirectory(Target);
        Directory.CreateSymbolicLink(Path.Combine(Target, "sub"), outside);
        Repo.Commit([FakeFile.Text("sub/x.txt", "x")]);

        HubPathException error = await Assert.ThrowsAsync<HubPathException>(
            () => Client().DownloadSnapshotAsync(Gpt2, new HubSnapshotOptions { LocalDirectory = Target }));
        await Assert.ThrowsAsync<HubPathException>(() => Client().DownloadFileAsync(Gpt2, "sub/x.txt", IntoTarget));
        Assert.Empty(Directory.GetFileSystemEntries(outside));
        Assert.Contains("leads out of", error.Message, StringComparison.Ordinal);

        await Client(setup => setup.FollowLinks = true).DownloadFileAsync(Gpt2, "sub/x.txt", IntoTarget);
        Assert.Equal("x", await File.ReadAllTextAsync(Path.Combine(outside, "x.txt")));
    }

    [Theory]
    [InlineData(".cache")]
    [InlineData(".cache/huggingface")]
    public async Task Metadata_directory_that_leaves_the_root_is_refused_before_anything_is_written(string link)
    {
        string outside = Path.Combine(Root, "outside");
        Directory.CreateDirectory(outside);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(Target, link))!);
        Directory.CreateSymbolicLink(Path.Combine(Target, link), outside);

        await Assert.ThrowsAsync<HubPathException>(
            () => Client().DownloadSnapshotAsync(Gpt2, new HubSnapshotOptions { LocalDirectory = Target }));
        await Assert.ThrowsAsync<HubPathException>(() => Client().DownloadFileAsync(Gpt2, "config.json", IntoTarget));

        Assert.Empty(Directory.GetFileSystemEntries(outside));
    }

    [Fact]
    public async Task Full_disk_names_the_directory_that_was_written_to()
    {
        // Where space is only taken when the data is flushed, that is where it runs out.
        var seams = new HubTestSeams { FlushToDisk = _ => throw new IOException("No space left on device", 28) };

        HubDiskSpaceException error = await Assert.ThrowsAsync<HubDiskSpaceException>(
            () => Client(setup => setup.Seams = seams).DownloadFileAsync(Gpt2, "config.json", IntoTarget));

        Assert.Equal(Target, error.Directory);
        Assert.StartsWith($"The disk under {Target} is full.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Linked_directory_that_stays_inside_is_followed()
    {
        Directory.CreateDirectory(Path.Combine(Target, "real"));
        Directory.CreateSymbolicLink(Path.Combine(Target, "sub"), "real");
        Repo.Commit([FakeFile.Text("sub/x.txt", "x")]);

        await Client().DownloadFileAsync(Gpt2, "sub/x.txt", IntoTarget);

        Assert.Equal("x", await File.ReadAllTextAsync(Path.Combine(Target, "real", "x.txt")));
    }

    [Fact]
    public async Task File_that_is_a_link_is_replaced_not_written_through()
    {
        Directory.CreateDirectory(Target);
        string outside = Path.Combine(Root, "precious.txt");
        await File.WriteAllTextAsync(outside, "precious");
        File.CreateSymbolicLink(Path.Combine(Target, "config.json"), outside);

        await Client().DownloadFileAsync(Gpt2, "config.json", IntoTarget);

        Assert.Equal("precious", await File.ReadAllTextAsync(outside));
        Assert.Equal(Config.Content, await File.ReadAllBytesAsync(Path.Combine(Target, "config.json")));
    }

    [Fact]
    public async Task Repository_cannot_bring_its_own_metadata()
    {
        Repo.Commit([FakeFile.Text(".cache/huggingface/download/config.json.metadata", "x"), Config]);

        await Assert.ThrowsAsync<HubPathException>(
            () => Client().DownloadSnapshotAsync(Gpt2, new HubSnapshotOptions { LocalDirectory = Target }));
    }

    [Fact]
    public async Task Dry_run_writes_nothing()
    {
        HubDownloadPlan plan = await Client().PlanSnapshotAsync(Gpt2, new HubSnapshotOptions { LocalDirectory = Target });

        Assert.Equal(2, plan.Files.Count(file => file.WillDownload));
        Assert.False(Directory.Exists(Target));
    }
}
