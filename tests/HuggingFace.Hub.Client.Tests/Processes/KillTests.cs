namespace HuggingFace.Hub.Client.Tests;

/// <summary>Processes that are killed without a chance to clean up, and started again.</summary>
public sealed class KillTests : HubTest
{
    private const int Block = 128 * 1024;
    private const int Workers = 4;
    private const int Kills = 20;
    private readonly FakeFile _large = FakeFile.Lfs("large.bin", 12 << 20, seed: 11);

    [Fact]
    public async Task Twenty_kills_at_random_points_end_with_the_right_file_and_little_waste()
    {
        Repo.Commit([_large]);
        var random = new Random(20261120);
        int killed = 0;
        for (int kill = 0; kill < Kills; kill++)
        {
            // A point in what is still missing, counted in bytes that the server has sent in this run.
            long before = Server.ContentBytes;
            killed += await KillAfterAsync(before + random.Next(1, 700_000)) ? 1 : 0;
            Assert.False(File.Exists(Blob(_large)) && !IsRight(Blob(_large)));
        }

        using Downloader last = Downloader.Start(Variables());
        Assert.StartsWith("ok ", await last.FinishAsync(), StringComparison.Ordinal);

        Assert.Equal(Kills, killed);
        Assert.True(IsRight(Blob(_large)));
        Assert.Equal([_large.Sha256], Blobs());
        Assert.InRange(Server.ContentBytes, _large.Content.Length, _large.Content.Length + ((long)Kills * Workers * Block));
    }

    [Fact]
    public async Task Process_killed_at_sixty_percent_asks_only_for_what_is_missing()
    {
        Repo.Commit([_large]);
        await KillAfterAsync(_large.Content.Length * 6 / 10);
        long first = Server.ContentBytes;
        Server.ForgetRequests();

        using Downloader second = Downloader.Start(Variables());
        Assert.StartsWith("ok ", await second.FinishAsync(), StringComparison.Ordinal);

        Assert.True(IsRight(Blob(_large)));
        Assert.InRange(Server.ContentBytes, 1, _large.Content.Length - first + (Workers * Block));
    }

    private Dictionary<string, string> Variables()
    {
        Dictionary<string, string> variables = ProcessVariables(_large.Path);
        variables["TEST_BLOCK"] = $"{Block}";
        variables["TEST_WORKERS"] = $"{Workers}";
        return variables;
    }

    private bool IsRight(string path) => File.ReadAllBytes(path).AsSpan().SequenceEqual(_large.Content);

    /// <summary>Runs the downloader and kills it as soon as the server has sent so many bytes; whether it was still running.</summary>
    private async Task<bool> KillAfterAsync(long bytes)
    {
        using Downloader process = Downloader.Start(Variables());
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var killed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Server.ContentSent = sent =>
        {
            if (sent < bytes)
            {
                return Task.CompletedTask;
            }

            // Nothing more until the process is dead: on a busy machine it would be done before the signal comes.
            reached.TrySetResult();
            return killed.Task;
        };
        Task<string> finished = process.FinishAsync();
        await Task.WhenAny(reached.Task, finished);
        bool running = !process.HasExited;
        if (running)
        {
            process.Kill();
        }

        killed.SetResult();
        await finished;
        Server.ContentSent = null;
        return running;
    }
}
