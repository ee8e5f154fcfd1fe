namespace HuggingFace.Hub.Client.Tests;

/// <summary>Several processes and several calls that want the same at the same time.</summary>
public sealed class ConcurrencyTests : HubTest
{
    private readonly FakeFile _large = FakeFile.Lfs("large.bin", 4 << 20, seed: 12);

    [Fact]
    public async Task Four_processes_download_one_body_and_all_get_it()
    {
        Repo.Commit([_large, Config]);
        Hold(request => request.Method == "HEAD", processes: 4);

        string[] answers = await RunAsync(4, ProcessVariables(_large.Path));

        Assert.All(answers, answer => Assert.Equal($"ok {Link(_large, Repo.Refs["main"])}", answer));
        Assert.Equal(_large.Content.Length, Server.ContentBytes);
        Assert.Equal(_large.Content, await File.ReadAllBytesAsync(Blob(_large)));
        Assert.Equal([_large.Sha256], Blobs());
    }

    [Fact]
    public async Task Four_processes_without_working_locks_all_get_it_and_share_no_file()
    {
        Repo.Commit([_large, Config]);
        Dictionary<string, string> variables = ProcessVariables(_large.Path);
        variables["TEST_NO_LOCKS"] = "1";
        int most = 0;
        Server.ContentSent = _ =>
        {
            int files = Directory.Exists(Path.Combine(RepoCache, "blobs"))
                ? Directory.GetFiles(Path.Combine(RepoCache, "blobs"), "*.incomplete").Count(
                    path => !path.EndsWith(".map.incomplete", StringComparison.Ordinal))
                : 0;
            most = Math.Max(most, files);
            return Task.CompletedTask;
        };
        Hold(request => request.IsCdn, processes: 4);

        string[] answers = await RunAsync(4, variables);

        Assert.All(answers, answer => Assert.Equal($"ok {Link(_large, Repo.Refs["main"])}", answer));
        Assert.Equal(4, most);
        Assert.Equal(4 * _large.Content.Length, Server.ContentBytes);
        Assert.Equal(_large.Content, await File.ReadAllBytesAsync(Blob(_large)));
        Assert.Equal([_large.Sha256], Blobs());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Four_calls_in_one_process_all_get_one_blob(bool locks)
    {
        Repo.Commit([_large]);
        HubClient hub = Client(setup => setup.Seams = new HubTestSeams { LocksWork = locks });

        HubFile[] files = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => hub.DownloadFileAsync(Gpt2, _large.Path))));

        Assert.Single(files.Select(file => file.LocalPath).Distinct());
        Assert.Equal([_large.Sha256], Blobs());
        Assert.Equal(_large.Content, await File.ReadAllBytesAsync(files[0].LocalPath));
        if (locks)
        {
            Assert.Equal(_large.Content.Length, Server.ContentBytes);
            Assert.Single(files, file => file.WasDownloaded);
        }
    }

    [Fact]
    public async Task Four_calls_where_snapshots_hold_the_files_download_one_body()
    {
        Repo.Commit([_large]);
        HubClient hub = Client(setup => setup.Links = false);

        HubFile[] files = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => hub.DownloadFileAsync(Gpt2, _large.Path))));

        Assert.Single(files, file => file.WasDownloaded);
        Assert.Equal(_large.Content.Length, Server.ContentBytes);
        Assert.Equal(_large.Content, await File.ReadAllBytesAsync(files[0].LocalPath));
    }

    [Fact]
    public async Task Lock_that_is_held_long_is_waited_for()
    {
        string path = Path.Combine(CacheDirectory, ".locks", "models--openai-community--gpt2", Config.GitHash + ".lock");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        FileStream held = new(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        Task<HubFile> waiting = Client().DownloadFileAsync(Gpt2, "config.json");
        while (!Log.Text.Contains("Waiting for another download", StringComparison.Ordinal))
        {
            await Task.Delay(5);
        }

        Assert.False(waiting.IsCompleted);
        await held.DisposeAsync();

        Assert.Equal(Config.Content, await File.ReadAllBytesAsync((await waiting).LocalPath));
    }

    [Fact]
    public async Task Waiting_for_a_lock_can_be_cancelled()
    {
        string path = Path.Combine(CacheDirectory, ".locks", "models--openai-community--gpt2", Config.GitHash + ".lock");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await using FileStream held = new(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        using var cancel = new CancellationTokenSource();
        Task<HubFile> waiting = Client().DownloadFileAsync(Gpt2, "config.json", null, null, cancel.Token);
        while (!Log.Text.Contains("Waiting for another download", StringComparison.Ordinal))
        {
            await Task.Delay(5);
        }

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    /// <summary>
    /// Lets nobody's body begin before so many processes have sent such a request, of which each sends one before its first body.
    /// </summary>
    private void Hold(Func<RecordedRequest, bool> which, int processes)
    {
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int asked = 0;
        Server.Intercept = async (_, request) =>
        {
            if (which(request) && Interlocked.Increment(ref asked) == processes)
            {
                all.TrySetResult();
            }

            if (request.IsCdn)
            {
                await all.Task.WaitAsync(TimeSpan.FromSeconds(30));
            }

            return false;
        };
    }

    private static async Task<string[]> RunAsync(int count, IReadOnlyDictionary<string, string> variables)
    {
        Downloader[] processes = [.. Enumerable.Range(0, count).Select(_ => Downloader.Start(variables))];
        try
        {
            return await Task.WhenAll(processes.Select(process => process.FinishAsync()));
        }
        finally
        {
            foreach (Downloader process in processes)
            {
                process.Dispose();
            }
        }
    }
}
