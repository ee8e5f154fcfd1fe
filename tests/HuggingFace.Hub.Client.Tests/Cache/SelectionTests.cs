namespace HuggingFace.Hub.Client.Tests;

public sealed class SelectionTests : HubTest
{
    [Fact]
    public async Task Allow_and_ignore_patterns_select()
    {
        Repo.Commit(
        [
            Config, Weights, FakeFile.Text("generation_config.json", "{}"), FakeFile.Text("tokenizer.json", "{}"), FakeFile.Text(
                "vocab.json", "{}"),
            FakeFile.Text("merges.txt", "#"), FakeFile.Lfs("tf_model.h5", 10), FakeFile.Lfs("onnx/model.onnx", 10), FakeFile.Lfs(
                "fp16.safetensors", 10),
        ]);

        HubSnapshot snapshot = await Client().DownloadSnapshotAsync(Gpt2, new HubSnapshotOptions
        {
            AllowPatterns = ["config.json", "generation_config.json", "*.safetensors", "*.safetensors.index.json", "tokenizer*",
                "vocab.json", "merges.txt", "onnx/"],
            IgnorePatterns = ["fp16*", "onnx/*"],
        });

        Assert.Equal(
            ["config.json", "generation_config.json", "merges.txt", "model.safetensors", "tokenizer.json", "vocab.json"],
            snapshot.Files.Select(file => file.Path));
        Assert.Equal(9, (await File.ReadAllTextAsync(Path.Combine(RepoCache, "trees", snapshot.Commit + ".json"))).Split(
            "\"blob_id\"").Length - 1);
    }

    [Fact]
    public async Task Selection_of_nothing_is_an_empty_snapshot()
    {
        HubSnapshot snapshot = await Client().DownloadSnapshotAsync(Gpt2, new HubSnapshotOptions { AllowPatterns = ["*.nothing"] });

        Assert.Empty(snapshot.Files);
        Assert.Equal(C1, snapshot.Commit);
    }

    [Fact]
    public async Task Dry_run_tells_and_writes_nothing()
    {
        HubClient hub = Client();

        HubDownloadPlan first = await hub.PlanSnapshotAsync(Gpt2);
        Assert.False(Directory.Exists(CacheDirectory));
        Assert.Equal(Config.Content.Length + Weights.Content.Length, first.TotalSize);
        Assert.Equal(first.TotalSize, first.BytesToDownload);
        Assert.All(first.Files, file => Assert.Equal((false, true), (file.IsCached, file.WillDownload)));
        Assert.Equal([Link(Config), Link(Weights)], first.Files.Select(file => file.LocalPath));
        Assert.True(first.AvailableBytes > 0);

        await hub.DownloadFileAsync(Gpt2, "config.json");
        HubDownloadPlan second = await hub.PlanSnapshotAsync(Gpt2);
        Assert.Equal((true, false, 0), (second.Files[0].IsCached, second.Files[0].WillDownload, second.Files[0].BytesToDownload));
        Assert.Equal((false, true), (second.Files[1].IsCached, second.Files[1].WillDownload));

        HubDownloadPlan forced = await hub.PlanSnapshotAsync(Gpt2, new HubSnapshotOptions { ForceDownload = true });
        Assert.Equal((true, true), (forced.Files[0].IsCached, forced.Files[0].WillDownload));
    }

    [Fact]
    public async Task One_files_failure_is_the_failure_of_the_whole_and_the_others_are_kept()
    {
        Server.Intercept = (context, request) =>
        {
            if (request.IsCdn)
            {
                context.Response.StatusCode = 500;
            }

            return Task.FromResult(request.IsCdn);
        };

        await Assert.ThrowsAsync<HubNetworkException>(() => Client(setup => setup.Files = 1).DownloadSnapshotAsync(Gpt2));
        Assert.False(File.Exists(Path.Combine(RepoCache, "refs", "main")));

        Server.Intercept = null;
        await Client().DownloadSnapshotAsync(Gpt2);
        Assert.Equal(Weights.Content, await File.ReadAllBytesAsync(Link(Weights)));
    }
}
