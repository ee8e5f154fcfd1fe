using HuggingFace.Hub.Client;
using HuggingFace.Hub.FakeHub;
using Importer.Loading;
using Importer.Models.Gpt;
using Importer.Sources;
using Tests.Shared;
using static TorchSharp.torch;

namespace Importer.Tests.Loading;

/// <summary>A model by its id: fetched, loaded, and from then on there.</summary>
public sealed class FromHubTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private FakeHubServer _server = null!;

    public async Task InitializeAsync()
    {
        _server = await FakeHubServer.StartAsync();
        _server.Add(
            "openai-community/gpt2",
            [
                .. Directory.GetFiles(Repository.Fixture("tiny-gpt2")).Select(path =>
                    new FakeFile(Path.GetFileName(path), File.ReadAllBytes(path), path.EndsWith(".safetensors", StringComparison.Ordinal))),
            ]);
        _server.Renamed["gpt2"] = "openai-community/gpt2";
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose() => _directory.Dispose();

    private HubClient Client(bool offline = false) => new(new HubClientOptions
    {
        Endpoint = _server.HubUrl,
        CacheDirectory = _directory["hub"],
        Offline = offline,
        Environment = HubEnvironment.FromDictionary(new Dictionary<string, string>()),
    });

    [Theory]
    [InlineData("openai-community/gpt2")]
    [InlineData("gpt2")]
    public async Task A_model_by_id_computes_what_the_one_on_disk_computes(string id)
    {
        using var client = Client();
        using var scope = NewDisposeScope();
        using var expected = GptModel.FromPretrained(Repository.Fixture("tiny-gpt2"), new PretrainedOptions { Device = CPU });

        using var model = await GptModel.FromPretrainedAsync(id, new PretrainedOptions { Device = CPU, Hub = new HubAccess { Client = client } });

        var ids = tensor(new long[] { 1, 2, 3, 4 }).unsqueeze(0);
        Assert.True(expected.forward(ids).equal(model.forward(ids)).all().item<bool>());
    }

    [Fact]
    public void The_second_time_by_commit_takes_no_request_and_offline_no_hub()
    {
        string commit = _server.Repos["openai-community/gpt2"].Refs["main"];
        using var client = Client();
        var byCommit = new PretrainedOptions { Device = CPU, Hub = new HubAccess { Client = client, Model = new HubModelOptions { Revision = commit } } };
        GptModel.FromPretrained("openai-community/gpt2", byCommit).Dispose();
        GptModel.FromPretrained("openai-community/gpt2", new PretrainedOptions { Device = CPU, Hub = new HubAccess { Client = client } }).Dispose();
        _server.ForgetRequests();

        GptModel.FromPretrained("openai-community/gpt2", byCommit).Dispose();
        using var offline = Client(offline: true);
        GptModel.FromPretrained("openai-community/gpt2", new PretrainedOptions { Device = CPU, Hub = new HubAccess { Client = offline } }).Dispose();

        Assert.Empty(_server.Requests);
    }

    [Fact]
    public void The_download_is_a_phase_of_the_load()
    {
        using var client = Client();
        var seen = new List<LoadProgress>();
        var progress = new Listener(seen);

        GptModel.FromPretrained("openai-community/gpt2", new PretrainedOptions { Device = CPU, Progress = progress, Hub = new HubAccess { Client = client } }).Dispose();

        var phases = seen.Select(report => report.Phase).ToList();
        Assert.Equal(LoadPhase.Downloading, phases[0]);
        Assert.NotEqual(LoadPhase.Downloading, phases[^1]);
        var last = seen.Last(report => report.Phase == LoadPhase.Downloading);
        Assert.Equal(last.BytesTotal, last.BytesDone);
    }

    [Fact]
    public async Task An_unknown_id_is_the_hubs_error()
    {
        using var client = Client();
        var options = new PretrainedOptions { Device = CPU, Hub = new HubAccess { Client = client } };

        await Assert.ThrowsAsync<HubRepositoryNotFoundException>(() => GptModel.FromPretrainedAsync("nobody/nothing", options));
    }

    private sealed class Listener(List<LoadProgress> seen) : IProgress<LoadProgress>
    {
        public void Report(LoadProgress value)
        {
            lock (seen)
            {
                seen.Add(value);
            }
        }
    }
}
