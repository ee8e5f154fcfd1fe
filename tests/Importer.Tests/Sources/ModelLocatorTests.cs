using CheckpointStorage;
using HuggingFace.Hub.Client;
using HuggingFace.Hub.FakeHub;
using Importer.Conversion;
using Importer.IO;
using Importer.Sources;
using Tests.Shared;

namespace Importer.Tests.Sources;

public sealed class ModelLocatorTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private FakeHubServer _server = null!;
    private HubClient _client = null!;

    public async Task InitializeAsync()
    {
        _server = await FakeHubServer.StartAsync();
        _client = new HubClient(new HubClientOptions
        {
            Endpoint = _server.HubUrl,
            CacheDirectory = _directory["hub"],
            Environment = HubEnvironment.FromDictionary(new Dictionary<string, string>()),
        });
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose()
    {
        _client.Dispose();
        _directory.Dispose();
    }

    private HubAccess Access(HubModelOptions? model = null) => new() { Client = _client, Model = model };

    private FakeRepo Serve(string id, string fixture, params string[] withoutNames) => _server.Add(
        id,
        [
            .. Directory.GetFiles(Repository.Fixture(fixture))
                .Where(path => !withoutNames.Contains(Path.GetFileName(path)))
                .Select(path => new FakeFile(Path.GetFileName(path), File.ReadAllBytes(path), path.EndsWith(".safetensors", StringComparison.Ordinal) || path.EndsWith(".bin", StringComparison.Ordinal))),
        ]);

    [Fact]
    public async Task A_run_that_has_saved_nothing_yet_is_said_to_be_one()
    {
        Directory.CreateDirectory(_directory["run"]);
        File.WriteAllText(_directory["run/metrics.jsonl"], "");
        var error = await Assert.ThrowsAsync<ModelNotFoundException>(() => ModelLocator.LocateAsync(_directory["run"], Access(), default));
        Assert.Contains("nothing is saved in it yet", error.Message, StringComparison.Ordinal);

        // A model that somebody trained in its own directory stays a model.
        File.Copy(Path.Combine(Repository.Fixture("tiny-gpt2"), "model.safetensors"), _directory["run/model.safetensors"]);
        Assert.Equal(_directory["run"], (await ModelLocator.LocateAsync(_directory["run"], Access(), default)).Path);
    }

    [Theory]
    [InlineData("./nowhere")]
    [InlineData("/no/such/place")]
    [InlineData("~/models/gpt2")]
    [InlineData("..\\gpt2")]
    [InlineData("a/b/c")]
    [InlineData("two--dashes")]
    public async Task What_is_neither_a_path_nor_an_id_is_said_without_a_request(string path)
    {
        var error = await Assert.ThrowsAsync<ModelNotFoundException>(() => ModelLocator.LocateAsync(path, Access(), default));

        Assert.Equal(path, error.IdOrPath);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task A_path_that_exists_comes_before_an_id()
    {
        string fixture = Repository.Fixture("tiny-gpt2");

        var located = await ModelLocator.LocateAsync(fixture, Access(), default);

        Assert.Equal(new LocatedModel(fixture, null, null), located);
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task A_runs_newest_whole_checkpoint_is_its_model_and_looking_for_it_can_be_cancelled()
    {
        string run = _directory["out"];
        await using (var store = CheckpointStore.Open(run))
        {
            foreach (int step in new[] { 1, 2 })
            {
                await store.SaveAsync(new CheckpointContent { Step = step, Files = [CheckpointFile.FromText("config.json", "{}"), CheckpointFile.FromText("model.safetensors", $"{step}")] });
            }
        }

        var newest = await ModelLocator.LocateAsync(run, Access(), default);
        Assert.Equal("2", File.ReadAllText(Path.Combine(newest.Path, "model.safetensors")));

        File.WriteAllText(Path.Combine(newest.Path, "model.safetensors"), "3");
        Assert.Equal("1", File.ReadAllText(Path.Combine((await ModelLocator.LocateAsync(run, Access(), default)).Path, "model.safetensors")));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ModelLocator.LocateAsync(run, Access(), new CancellationToken(canceled: true)));
    }

    [SkippableFact]
    public async Task What_was_verified_just_now_need_not_be_hashed_again()
    {
        Skip.If(OperatingSystem.IsWindows(), "the cache has links there only for some");
        Serve("some/model", "tiny-gpt2-sharded");

        var located = await ModelLocator.LocateAsync("some/model", Access(), default);
        using (var directory = ModelDirectory.Open(located))
        {
            Assert.Equal(3, directory.KnownSha256.Count);
            var computed = SourceHashes.Compute(directory, null, default);
            Assert.All(directory.SourceFiles, name => Assert.Equal(FileHash.Sha256(directory.PathOf(name)), computed.Single(file => file.Name == name).Sha256));
        }

        Assert.Empty((await ModelLocator.LocateAsync("some/model", Access(), default)).KnownSha256);
    }

    [Theory]
    [InlineData("tiny-gpt2", "model.safetensors")]
    [InlineData("tiny-gpt2-sharded", "model.safetensors.index.json")]
    [InlineData("tiny-gpt2-bin-legacy", "pytorch_model.bin")]
    [InlineData("tiny-gpt2-sharded-bin", "pytorch_model.bin.index.json")]
    public async Task An_id_is_fetched_and_opens_as_a_directory(string fixture, string weights)
    {
        var repo = Serve("some/model", fixture);

        var located = await ModelLocator.LocateAsync("some/model", Access(), default);

        Assert.Equal(("some/model", repo.Refs["main"]), (located.Id, located.Commit));
        Assert.Equal(weights, Path.GetFileName(located.Path));
        using var directory = ModelDirectory.Open(located);
        Assert.Equal("model", directory.Name);
        using var local = ModelDirectory.Open(Repository.Fixture(fixture));
        Assert.Equal(local.Weights.Tensors.Select(tensor => tensor.Name).Order(), directory.Weights.Tensors.Select(tensor => tensor.Name).Order());
    }

    [Fact]
    public async Task A_variant_is_taken_under_its_own_name()
    {
        byte[] weights = File.ReadAllBytes(Path.Combine(Repository.Fixture("tiny-gpt2"), "model.safetensors"));
        var repo = Serve("some/model", "tiny-gpt2", "model.safetensors");
        repo.Commit([.. repo.Commits[repo.Refs["main"]], new FakeFile("model.fp16.safetensors", weights, isLfs: true)]);

        var located = await ModelLocator.LocateAsync("some/model", Access(new HubModelOptions { Variant = "fp16" }), default);

        using var directory = ModelDirectory.Open(located);
        Assert.Equal(["model.fp16.safetensors"], directory.Weights.Files);
    }

    [Fact]
    public async Task A_plan_says_what_is_to_be_fetched_and_fetches_nothing()
    {
        Serve("some/model", "tiny-gpt2");

        var plan = await ModelLocator.PlanAsync("some/model", Access(), default);

        Assert.Contains(plan!.Files, file => file.Path == "model.safetensors" && file.WillDownload);
        Assert.Empty(_server.CdnRequests);
        Assert.Null(await ModelLocator.PlanAsync(Repository.Fixture("tiny-gpt2"), Access(), default));
    }

    [Fact]
    public async Task Pickles_are_not_fetched_where_there_are_safetensors()
    {
        var repo = Serve("some/model", "tiny-gpt2");
        repo.Commit([.. repo.Commits[repo.Refs["main"]], FakeFile.Lfs("pytorch_model.bin", 100_000)]);

        var located = await ModelLocator.LocateAsync("some/model", Access(), default);

        Assert.Equal("model.safetensors", Path.GetFileName(located.Path));
        Assert.False(File.Exists(Path.Combine(Path.GetDirectoryName(located.Path)!, "pytorch_model.bin")));
    }

    [Fact]
    public async Task An_id_with_its_scheme_is_never_a_path()
    {
        Serve("some/model", "tiny-gpt2");

        var located = await ModelLocator.LocateAsync("hf://some/model", Access(), default);

        Assert.Equal("some/model", located.Id);
        Assert.NotNull(await ModelLocator.PlanAsync("hf://some/model", Access(), default));
        await Assert.ThrowsAsync<ModelNotFoundException>(() => ModelLocator.LocateAsync("hf://a/b/c", Access(), default));
    }

    [Theory]
    [InlineData("holds nothing")]
    [InlineData("config only")]
    public async Task A_directory_of_a_models_name_that_holds_none_says_how_to_name_the_hubs(string content)
    {
        // Relative to the working directory, as on a command line.
        string name = $"model-{Guid.NewGuid():N}";
        Directory.CreateDirectory(name);
        try
        {
            if (content == "config only")
            {
                File.Copy(Path.Combine(Repository.Fixture("tiny-gpt2"), "config.json"), Path.Combine(name, "config.json"));
            }

            var located = await ModelLocator.LocateAsync(name, Access(), default);
            var error = Assert.Throws<ModelNotFoundException>(() => ModelDirectory.Open(located));

            Assert.Contains($"hf://{name}", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(name, recursive: true);
        }
    }

    [Fact]
    public async Task An_import_of_the_ids_name_is_loaded_but_not_imported_again()
    {
        string name = $"model-{Guid.NewGuid():N}";
        Serve(name, "tiny-gpt2");
        Directory.CreateDirectory(name);
        try
        {
            await File.WriteAllTextAsync(Path.Combine(name, "manifest.json"), "{}");

            var toLoad = await ModelLocator.LocateAsync(name, Access(), default);
            var toImport = await ModelLocator.LocateAsync(name, Access(), default, toImport: true);

            Assert.Equal(new LocatedModel(name, null, null), toLoad);
            Assert.Equal(name, toImport.Id);
        }
        finally
        {
            Directory.Delete(name, recursive: true);
        }
    }

    [Theory]
    [InlineData("tiny-gpt2-bin", "pytorch_model.bin")]
    [InlineData("tiny-gpt2-sharded-bin", "pytorch_model.bin.index.json")]
    public async Task A_model_that_only_has_pickles_is_fetched_too(string fixture, string weights)
    {
        Serve("some/model", fixture);

        var located = await ModelLocator.LocateAsync("some/model", Access(), default);

        Assert.Equal(weights, Path.GetFileName(located.Path));
        using var directory = ModelDirectory.Open(located);
        Assert.NotEmpty(directory.Weights.Tensors);
    }
}
