using System.Buffers.Binary;
using System.Text;
using HuggingFace.Hub.Client;
using HuggingFace.Hub.FakeHub;
using Importer.Inspection;
using Importer.Sources;
using PyTorchCheckpoints;
using SafeTensorSharp;
using Tests.Shared;

namespace Importer.Tests.Inspection;

/// <summary>A model on the hub is looked at by its headers.</summary>
public sealed class RemoteInspectionTests : IAsyncLifetime, IDisposable
{
    private const string Id = "someone/model";
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

    private static bool IsLarge(string path) => path.EndsWith(".safetensors", StringComparison.Ordinal) || path.EndsWith(".bin", StringComparison.Ordinal);

    private FakeRepo Serve(string fixture, Func<string, byte[], byte[]?>? change = null) => _server.Add(
        Id,
        [
            .. Directory.GetFiles(Repository.Fixture(fixture))
                .Select(path => (Name: Path.GetFileName(path), Bytes: change is null ? File.ReadAllBytes(path) : change(Path.GetFileName(path), File.ReadAllBytes(path))))
                .Where(file => file.Bytes is not null)
                .Select(file => new FakeFile(file.Name, file.Bytes!, IsLarge(file.Name))),
        ]);

    private Task<CheckpointInspection> Inspect(InspectionOptions? options = null) => CheckpointInspector.InspectAsync(
        Id, options ?? new InspectionOptions { Hub = new HubAccess { Client = _client } });

    private static long Length(string fixture, string name) => new FileInfo(Path.Combine(Repository.Fixture(fixture), name)).Length;

    [Fact]
    public async Task Without_a_network_the_cache_is_enough_and_what_is_not_in_it_is_a_network_error()
    {
        Serve("tiny-gpt2");
        await _client.DownloadModelAsync(Id);
        _server.Intercept = (context, _) =>
        {
            context.Abort();
            return Task.FromResult(true);
        };
        using var client = new HubClient(new HubClientOptions
        {
            Endpoint = _server.HubUrl,
            CacheDirectory = _directory["hub"],
            Environment = HubEnvironment.FromDictionary(new Dictionary<string, string>()),
            MaxRetries = 0,
        });
        var hub = new HubAccess { Client = client };

        var inspection = await CheckpointInspector.InspectAsync(Id, new() { Hub = hub });
        var plan = await Importer.Conversion.WeightImporter.PlanDownloadAsync(Id, new() { Hub = hub });

        Assert.Equal((Id, 98_112L), (inspection.Source, inspection.Parameters));
        Assert.Null(plan);
        await Assert.ThrowsAsync<HubNetworkException>(() => CheckpointInspector.InspectAsync("someone/else", new() { Hub = hub }));
        await Assert.ThrowsAsync<HubNetworkException>(() => CheckpointInspector.InspectAsync(
            Id, new() { Hub = new HubAccess { Client = client, Model = new HubModelOptions { Variant = "fp16" } } }));
    }

    [Fact]
    public async Task Only_the_header_is_fetched_and_nothing_is_stored()
    {
        var repo = Serve("tiny-gpt2");

        var inspection = await Inspect();

        var local = await CheckpointInspector.InspectAsync(Repository.Fixture("tiny-gpt2"));
        Assert.Equal((Id, repo.Refs["main"]), (inspection.Source, inspection.Commit));
        Assert.Equal(local.Tensors.Select(tensor => tensor.Tensor), inspection.Tensors.Select(tensor => tensor.Tensor), new SameTensor());
        Assert.Equal((local.Parameters, "GptModel", 0), (inspection.Parameters, inspection.ModelClass, inspection.Problems.Count));
        Assert.Equal(["bytes=0-7", $"bytes=8-{local.HeaderBytes - 1}"], _server.CdnRequests.Select(request => request.Range));
        Assert.Equal(local.HeaderBytes + Length("tiny-gpt2", "config.json"), _server.ContentBytes);
        Assert.False(Directory.Exists(_directory["hub"]));
    }

    [Fact]
    public async Task Of_shards_each_header_is_fetched()
    {
        Serve("tiny-gpt2-sharded");

        var inspection = await Inspect();

        var local = await CheckpointInspector.InspectAsync(Repository.Fixture("tiny-gpt2-sharded"));
        Assert.Equal(local.Tensors.Count, inspection.Tensors.Count);
        Assert.Equal(local.Files, inspection.Files);
        Assert.Equal(local.HeaderBytes, _server.CdnRequests.Sum(request => request.ContentBytes));
        Assert.Equal(6, _server.CdnRequests.Count());
    }

    [Theory]
    [InlineData("tiny-gpt2-bin")]
    [InlineData("tiny-gpt2-bin-legacy")]
    [InlineData("tiny-gpt2-sharded-bin")]
    public async Task Of_pickles_the_directory_and_the_pickle_are_fetched(string fixture)
    {
        Serve(fixture);

        var inspection = await Inspect();

        var local = await CheckpointInspector.InspectAsync(Repository.Fixture(fixture));
        Assert.Equal(local.Tensors.Select(tensor => tensor.Tensor.Name).Order(), inspection.Tensors.Select(tensor => tensor.Tensor.Name).Order());
        Assert.Equal((local.Parameters, local.Bytes), (inspection.Parameters, inspection.Bytes));
        Assert.Empty(inspection.Problems);
        Assert.True(_server.CdnRequests.Any() && Directory.Exists(_directory["hub"]) == false);
    }

    [Fact]
    public async Task A_large_pickle_is_read_at_its_ends_only()
    {
        // A zip archive whose tensors take 8 MB.
        string path = _directory["pytorch_model.bin"];
        PyTorchWriter.WriteStateDict(
            path, Enumerable.Range(0, 8).Select(i => KeyValuePair.Create($"t.{i}", PyTorchTensor.FromBytes(TorchDType.Float32, [1 << 18], new byte[1 << 20]))));
        _server.Add(Id, FakeFile.Text("config.json", "{}"), new FakeFile("pytorch_model.bin", File.ReadAllBytes(path), isLfs: true));

        var inspection = await Inspect();

        Assert.Equal(8, inspection.Tensors.Count);
        Assert.InRange(_server.CdnRequests.Sum(request => request.ContentBytes), 1, 200_000);
    }

    [Fact]
    public async Task What_is_in_the_cache_as_a_whole_is_read_there()
    {
        Serve("tiny-gpt2");
        await _client.DownloadModelAsync(Id);
        _server.ForgetRequests();

        var inspection = await Inspect();

        Assert.Equal(98_112, inspection.Parameters);
        Assert.Equal(0, _server.ContentBytes);
    }

    [Fact]
    public async Task Statistics_download_the_model()
    {
        Serve("tiny-gpt2");

        var inspection = await Inspect(new() { Statistics = true, Hub = new HubAccess { Client = _client } });

        Assert.All(inspection.Tensors, tensor => Assert.NotNull(tensor.Statistics));
        Assert.True(Directory.Exists(_directory["hub"]));
    }

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:248dfc39\nsize 548105171\n", "Git LFS")]
    [InlineData("<!DOCTYPE html><html><body>502</body></html>", "HTML")]
    [InlineData("abc", "fewer than the 8")]
    [InlineData("", "fewer than the 8")]
    public async Task What_is_no_header_is_told_for_what_it_is(string content, string mention)
    {
        Serve("tiny-gpt2", (name, bytes) => IsLarge(name) ? Encoding.UTF8.GetBytes(content) : bytes);

        var error = await Assert.ThrowsAnyAsync<SafeTensorException>(() => Inspect());

        Assert.Contains(mention, error.Message, StringComparison.Ordinal);
        Assert.Contains("someone/model/model.safetensors", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1L << 40)]
    [InlineData(99_000_000L)]
    public async Task A_header_that_claims_too_much_is_not_fetched(long length)
    {
        Serve("tiny-gpt2", (name, bytes) =>
        {
            if (IsLarge(name))
            {
                BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
            }

            return bytes;
        });

        await Assert.ThrowsAnyAsync<SafeTensorException>(() => Inspect());

        Assert.InRange(_server.CdnRequests.Sum(request => request.ContentBytes), 8, 4096);
    }

    [Fact]
    public async Task A_cut_file_is_noticed_by_its_length()
    {
        Serve("tiny-gpt2", (name, bytes) => IsLarge(name) ? bytes[..^100] : bytes);

        await Assert.ThrowsAnyAsync<SafeTensorException>(() => Inspect());
    }

    [Fact]
    public async Task Shards_that_contradict_their_index_are_told()
    {
        Serve("tiny-gpt2-sharded", (name, bytes) => name.EndsWith(".index.json", StringComparison.Ordinal)
            ? Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes).Replace("transformer.wte.weight", "transformer.other.weight", StringComparison.Ordinal))
            : bytes);

        var error = await Assert.ThrowsAsync<ShardsDifferException>(() => Inspect());

        Assert.Equal(2, error.Problems.Count);
    }

    [Fact]
    public async Task A_missing_shard_is_told()
    {
        Serve("tiny-gpt2-sharded", (name, bytes) => name == "model-00002-of-00003.safetensors" ? null : bytes);

        var error = await Assert.ThrowsAsync<HubEntryNotFoundException>(() => Inspect());

        Assert.Contains("model-00002-of-00003.safetensors", error.Message, StringComparison.Ordinal);
    }

    private sealed class SameTensor : IEqualityComparer<SourceTensor>
    {
        public bool Equals(SourceTensor? x, SourceTensor? y) => x! with { Shape = [] } == y! with { Shape = [] } && x.Shape.SequenceEqual(y.Shape);

        public int GetHashCode(SourceTensor tensor) => tensor.Name.GetHashCode(StringComparison.Ordinal);
    }
}
