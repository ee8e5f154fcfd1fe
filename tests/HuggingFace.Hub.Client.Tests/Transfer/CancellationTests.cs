using System.Diagnostics;

namespace HuggingFace.Hub.Client.Tests;

public sealed class CancellationTests : HubTest
{
    /// <summary>Every moment at which a download can be: each request that it makes and each write, by number.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cancelled_at_any_moment_it_returns_at_once_and_goes_on_later(bool snapshot)
    {
        FakeFile large = FakeFile.Lfs("large.bin", 600 * 1024, seed: 8);
        Repo.Commit([large, Config]);
        for (int moment = 1; moment <= 24; moment += 3)
        {
            if (Directory.Exists(CacheDirectory))
            {
                Directory.Delete(CacheDirectory, recursive: true);
            }

            await CancelAtAsync(moment, snapshot, large);

            Assert.False(File.Exists(Blob(large)) && new FileInfo(Blob(large)).Length != large.Content.Length);
            Server.Intercept = null;
            Server.ForgetRequests();
            HubFile file = await Client().DownloadFileAsync(Gpt2, large.Path);
            Assert.Equal(large.Content, await File.ReadAllBytesAsync(file.LocalPath));
        }
    }

    [Theory]
    [InlineData("HEAD")]
    [InlineData("GET")]
    [InlineData("body")]
    public async Task Silent_server_does_not_hold_up_a_cancellation(string where)
    {
        using var cancel = new CancellationTokenSource();
        var silent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Server.Intercept = async (context, request) =>
        {
            if (where == "HEAD" ? request.Method != "HEAD" : !request.IsCdn)
            {
                return false;
            }

            if (where == "body")
            {
                context.Response.ContentLength = Weights.Content.Length;
                await context.Response.Body.WriteAsync(Weights.Content.AsMemory(0, 1000));
                await context.Response.Body.FlushAsync();
            }

            silent.TrySetResult();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
            return true;
        };
        Task<HubFile> download = Client(setup => setup.Threshold = long.MaxValue / 4).DownloadFileAsync(
            Gpt2, Weights.Path, null, null, cancel.Token);
        await silent.Task;
        long start = Stopwatch.GetTimestamp();

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => download);

        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Cancelled_before_it_begins_it_does_nothing()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Client().DownloadFileAsync(Gpt2, Weights.Path, null, null, new CancellationToken(canceled: true)));

        Assert.Empty(Server.Requests);
    }

    private async Task CancelAtAsync(int moment, bool snapshot, FakeFile large)
    {
        using var cancel = new CancellationTokenSource();
        int now = 0;
        void Step()
        {
            if (Interlocked.Increment(ref now) == moment)
            {
                cancel.Cancel();
            }
        }

        Server.Intercept = (_, _) =>
        {
            Step();
            return Task.FromResult(false);
        };
        HubClient hub = Client(setup => setup.Seams = new HubTestSeams { BeforeWrite = (_, _) => Step() });
        Task download = snapshot
            ? hub.DownloadSnapshotAsync(Gpt2, null, null, cancel.Token)
            : hub.DownloadFileAsync(Gpt2, large.Path, null, null, cancel.Token);
        long start = Stopwatch.GetTimestamp();
        try
        {
            await download;
            Assert.False(cancel.IsCancellationRequested && now < moment);
        }
        catch (OperationCanceledException)
        {
            Assert.True(cancel.IsCancellationRequested);
        }

        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }
}
