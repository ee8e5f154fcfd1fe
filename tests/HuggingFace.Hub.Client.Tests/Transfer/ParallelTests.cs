namespace HuggingFace.Hub.Client.Tests;

public sealed class ParallelTests : HubTest
{
    private const int Size = 1024 * 1024;
    private const int Block = 64 * 1024;

    [Fact]
    public async Task Large_file_comes_in_ranges_that_cover_it_once()
    {
        HubFile file = await Client().DownloadFileAsync(Gpt2, Weights.Path);

        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(file.LocalPath));
        (long Start, long End)[] ranges = [.. Server.CdnRequests.Select(request => FakeCdnPages.ParseRange(request.Range!, Size)).Order()];
        Assert.Equal(Size / Block, ranges.Length);
        Assert.Equal(Enumerable.Range(0, Size / Block).Select(i => ((long)i * Block, ((long)i + 1) * Block)), ranges);
        Assert.Equal(Size, Server.ContentBytes);
    }

    [Fact]
    public async Task Ranges_are_downloaded_at_the_same_time_and_within_the_cap_of_the_host()
    {
        var together = new TaskCompletionSource();
        int waiting = 0;
        Server.Intercept = async (_, request) =>
        {
            if (request.IsCdn && request.Range != "bytes=0-65535")
            {
                // Nobody goes on before three are here: were they one after another, this would never end.
                if (Interlocked.Increment(ref waiting) == 3)
                {
                    together.SetResult();
                }

                await together.Task.WaitAsync(TimeSpan.FromSeconds(20));
            }

            return false;
        };

        HubFile file = await Client(setup => (setup.Ranges, setup.Connections) = (8, 3)).DownloadFileAsync(Gpt2, Weights.Path);

        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(file.LocalPath));
        Assert.InRange(Server.MostOpenBodies, 1, 3);
    }

    [Fact]
    public async Task Cap_holds_for_several_files_together()
    {
        FakeFile[] files = [.. Enumerable.Range(0, 6).Select(i => FakeFile.Lfs($"part{i}.bin", 300 * 1024, i))];
        Repo.Commit(files);

        HubSnapshot snapshot = await Client(setup => (setup.Files, setup.Ranges, setup.Connections) = (6, 4, 5)).DownloadSnapshotAsync(
            Gpt2);

        Assert.InRange(Server.MostOpenBodies, 1, 5);
        foreach (FakeFile file in files)
        {
            Assert.Equal(file.Content, await File.ReadAllBytesAsync(snapshot.Find(file.Path)!.LocalPath));
        }
    }

    [Fact]
    public async Task Connection_that_dies_costs_only_what_it_had_not_delivered()
    {
        int left = 1;
        var watch = new WriteWatch();
        Server.Intercept = async (context, request) =>
        {
            if (!request.IsCdn || !request.Range!.StartsWith("bytes=262144-", StringComparison.Ordinal)
                || Interlocked.Decrement(ref left) < 0)
            {
                return false;
            }

            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes 262144-327679/{Size}";
            context.Response.ContentLength = Block;
            await Server.SendContentAsync(context, request, Weights.Content.AsMemory(262144, 30_000));
            await context.Response.Body.FlushAsync();
            await watch.Until(262144 + 30_000);
            context.Abort();
            return true;
        };

        HubFile file = await Client(setup => setup.Seams = watch.Seams).DownloadFileAsync(Gpt2, Weights.Path);

        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(file.LocalPath));
        Assert.Equal(Size, Server.ContentBytes);
        Assert.Contains(Server.CdnRequests, request => request.Range == $"bytes={262144 + 30_000}-327679");
    }

    [Fact]
    public async Task Server_without_ranges_is_read_in_one_stream()
    {
        Server.Intercept = async (context, request) =>
        {
            if (!request.IsCdn)
            {
                return false;
            }

            context.Response.ContentLength = Size;
            await Server.SendContentAsync(context, request, Weights.Content);
            return true;
        };

        HubFile file = await Client().DownloadFileAsync(Gpt2, Weights.Path);

        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(file.LocalPath));
        Assert.Single(Server.CdnRequests);
        Assert.Equal(Size, Server.ContentBytes);
    }

    [Fact]
    public async Task Object_that_changes_under_its_url_is_asked_for_anew()
    {
        int answers = 0;
        Server.EditHeaders = (context, request) =>
        {
            if (request.IsCdn && Interlocked.Increment(ref answers) == 5)
            {
                context.Response.Headers.ETag = "\"another\"";
            }
        };

        HubFile file = await Client().DownloadFileAsync(Gpt2, Weights.Path);

        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(file.LocalPath));
        Assert.Contains("has changed while", Log.Text, StringComparison.Ordinal);
        Assert.True(Server.HubRequests.Count() >= 2);
    }

    [Fact]
    public async Task Server_that_feeds_single_bytes_is_given_up()
    {
        Server.Intercept = async (context, request) =>
        {
            if (!request.IsCdn)
            {
                return false;
            }

            (long start, _) = request.Range is { } range ? FakeCdnPages.ParseRange(range, Size) : (0, 0);
            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes {start}-{start}/{Size}";
            context.Response.ContentLength = 1;
            await Server.SendContentAsync(context, request, Weights.Content.AsMemory((int)start, 1));
            return true;
        };

        await Assert.ThrowsAnyAsync<HubException>(() => Client().DownloadFileAsync(Gpt2, Weights.Path));

        Assert.InRange(Server.CdnRequests.Count(), 4, 60);
    }

    [Fact]
    public async Task Hub_that_serves_large_files_itself_needs_no_cdn()
    {
        Server.Hub.ServesLfsItself = true;
        Repo.Token = "hf_private";

        HubFile file = await Client(setup => setup.Token = "hf_private").DownloadFileAsync(Gpt2, Weights.Path);

        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(file.LocalPath));
        Assert.Empty(Server.CdnRequests);
        Assert.Equal(Size, Server.ContentBytes);
    }

    [Fact]
    public async Task Progress_of_a_selection_adds_up()
    {
        FakeFile[] files = [.. Enumerable.Range(0, 5).Select(i => FakeFile.Lfs($"part{i}.bin", 300 * 1024, i)), Config];
        Repo.Commit(files);
        long total = files.Sum(file => (long)file.Content.Length);
        var progress = new ProgressList();

        await Client().DownloadSnapshotAsync(Gpt2, null, progress);

        Assert.All(progress.Reports, report =>
        {
            Assert.Equal(total, report.TotalSize);
            Assert.Equal(6, report.FilesTotal);
            Assert.InRange(report.TotalBytes, 0, total);
            Assert.InRange(report.FileBytes, 0, report.FileSize!.Value);
        });
        HubProgress last = progress.Reports[^1];
        Assert.Equal((total, total, 6), (last.TotalBytes, last.ReceivedBytes, last.FilesDone));
        Assert.Equal(6, progress.Reports.Count(report => report.State == HubFileState.Completed));
    }
}
