using Importer.Inspection;
using Importer.Mapping;
using SafeTensorSharp;
using Tests.Shared;

namespace Importer.Tests.Inspection;

public sealed class CheckpointInspectorTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("tiny-gpt2", "GptModel", "gpt2", "safetensors", 98_112)]
    [InlineData("tiny-gpt2-sharded", "GptModel", "gpt2", "safetensors", 98_112)]
    [InlineData("tiny-gpt2-bin-legacy", "GptModel", "gpt2", "pytorch", 98_112)]
    [InlineData("tiny-gpt2-sharded-bin", "GptModel", "gpt2", "pytorch", 98_112)]
    [InlineData("nanogpt-ckpt", "GptModel", "gpt2-nanogpt", "pytorch", 63_040)]
    [InlineData("tiny-llama", "LlamaModel", "llama", "safetensors", null)]
    [InlineData("tiny-gpt-neox", "GptNeoXModel", "gpt-neox", "safetensors", null)]
    [InlineData("tiny-opt-350m-style", "OptModel", "opt", "safetensors", null)]
    public async Task Every_format_is_looked_at(string fixture, string modelClass, string family, string container, int? parameters)
    {
        var inspection = await CheckpointInspector.InspectAsync(Repository.Fixture(fixture));

        Assert.Equal((modelClass, family, container), (inspection.ModelClass, inspection.Mapping?.Family, inspection.Container));
        Assert.Empty(inspection.Problems);
        Assert.Equal(parameters ?? inspection.Parameters, inspection.Parameters);
        Assert.All(inspection.Tensors, tensor => Assert.True(tensor is { Fate: TensorFate.Loaded or TensorFate.Tied or TensorFate.Dropped, Statistics: null }));
        Assert.Equal(inspection.Bytes, inspection.Layers.Sum(layer => layer.Bytes));
        Assert.Equal(inspection.Bytes, inspection.DTypes.Sum(dtype => dtype.Bytes));
        Assert.True(inspection.HeaderBytes < inspection.Files.Sum(file => file.Size));
    }

    [Fact]
    public async Task An_import_is_looked_at_too()
    {
        await Importer.Conversion.WeightImporter.ImportAsync(Repository.Fixture("tiny-gpt2"), _directory.Path);

        var inspection = await CheckpointInspector.InspectAsync(_directory["tiny-gpt2"]);

        Assert.Equal(("gpt2 (imported)", "GptModel", 98_112L), (inspection.Mapping!.Name, inspection.ModelClass, inspection.Parameters));
    }

    [Fact]
    public async Task Fates_say_what_an_import_would_do()
    {
        string path = StoredModel.Change(_directory, "tiny-gpt2", "f16", t => t, new StoredModel.Stored("lm_head.weight", DType.F32, [211, 48], new byte[4 * 211 * 48]));

        var inspection = await CheckpointInspector.InspectAsync(path);

        InspectedTensor Find(string name) => inspection.Tensors.Single(tensor => tensor.Tensor.Name == name);
        Assert.Equal((TensorFate.Tied, "must equal wte.weight"), (Find("lm_head.weight").Fate, Find("lm_head.weight").Reason?.Replace("transformer.", "", StringComparison.Ordinal)));
        Assert.Equal((TensorFate.Loaded, "t"), (Find("h.0.attn.c_attn.weight").Fate, Find("h.0.attn.c_attn.weight").Operation));
        Assert.Equal(["transformer.h.0.attn.c_attn.weight"], Find("h.0.attn.c_attn.weight").Parameters);
        Assert.Equal(TensorFate.Dropped, Find("h.0.attn.bias").Fate);
    }

    [Fact]
    public async Task What_does_not_fit_is_a_result_and_no_exception()
    {
        string path = StoredModel.Change(
            _directory, "tiny-gpt2", "odd", t => t.Name == "h.1.mlp.c_fc.weight" ? t with { Shape = [192, 48] } : t.Name == "ln_f.bias" ? null : t,
            new StoredModel.Stored("surprise", DType.F32, [1], new byte[4]));

        var inspection = await CheckpointInspector.InspectAsync(path);

        Assert.Null(inspection.Plan);
        Assert.Equal(3, inspection.Problems.Count);
        Assert.Equal(TensorFate.Misfit, inspection.Tensors.Single(tensor => tensor.Tensor.Name == "h.1.mlp.c_fc.weight").Fate);
        Assert.Equal(TensorFate.Unexpected, inspection.Tensors.Single(tensor => tensor.Tensor.Name == "surprise").Fate);
        Assert.Contains("ln_f.bias", string.Join('\n', inspection.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Weights_without_a_configuration_are_looked_at()
    {
        string path = StoredModel.Write(_directory["alone.safetensors"], StoredModel.Stored.Of("a.b", DType.F32, 1f, 2f), StoredModel.Stored.Of<int>("c", DType.I32));

        var inspection = await CheckpointInspector.InspectAsync(path, new() { Statistics = true, HistogramBins = 2 });

        Assert.Null(inspection.Config);
        Assert.Contains("config.json", Assert.Single(inspection.Problems), StringComparison.Ordinal);
        Assert.Equal((1.5, 0L), (inspection.Tensors.Single(t => t.Elements == 2).Statistics!.Mean, inspection.Tensors.Single(t => t.Elements == 0).Statistics!.Count));
    }

    [Fact]
    public async Task A_configuration_that_is_no_Unicode_or_as_deep_as_can_be_is_shown()
    {
        string path = _directory.CopyFixture("tiny-gpt2"), config = Path.Combine(path, "config.json");
        string deep = new string('[', 63) + new string(']', 63);
        File.WriteAllText(config, File.ReadAllText(config).TrimEnd().TrimEnd('}') + ", \"a\": \"x\\ud800\", \"b\": 1e999, \"c\": " + deep + "}");

        var inspection = await CheckpointInspector.InspectAsync(path);
        Importer.Inspection.Page.InspectionPage.Write(inspection, _directory["page.html"]);

        var json = System.Text.Json.Nodes.JsonNode.Parse(
            inspection.ToJson().ToJsonString(new() { MaxDepth = 100 }), documentOptions: new() { MaxDepth = 100 })!["config"]!;
        Assert.Equal(("x\\ud800", "1e999", deep), ((string?)json["a"], json["b"]!.ToJsonString(), json["c"]!.ToJsonString()));
        Assert.Equal("GptModel", inspection.ModelClass);
    }

    [Fact]
    public async Task Another_family_than_any_is_told()
    {
        string path = _directory.CopyFixture("tiny-gpt2");
        File.WriteAllText(Path.Combine(path, "config.json"), """{ "model_type": "bert" }""");

        var inspection = await CheckpointInspector.InspectAsync(path);

        Assert.Null(inspection.Mapping);
        Assert.Contains("bert", string.Join('\n', inspection.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Statistics_of_a_pickle_and_of_safetensors_with_the_same_tensors_are_the_same()
    {
        var pickle = await CheckpointInspector.InspectAsync(Repository.Fixture("tiny-gpt2-sharded-bin"), new() { Statistics = true });
        var tensors = await CheckpointInspector.InspectAsync(Repository.Fixture("tiny-gpt2-bin"), new() { Statistics = true, HistogramBins = 8 });

        Assert.All(pickle.Tensors, tensor => Assert.NotNull(tensor.Statistics!.Mean));
        Assert.All(tensors.Tensors, tensor => Assert.Equal(tensor.Elements, tensor.Statistics!.Histogram!.Counts.Sum()));
    }

    [Fact]
    public async Task Progress_comes_to_its_end_and_cancelling_ends_it()
    {
        var reports = new List<InspectionProgress>();
        var progress = new Listener(value =>
        {
            lock (reports)
            {
                reports.Add(value);
            }
        });
        using var cancelled = new CancellationTokenSource();

        await CheckpointInspector.InspectAsync(Repository.Fixture("tiny-gpt2"), new() { Statistics = true, Progress = progress });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => CheckpointInspector.InspectAsync(
            Repository.Fixture("tiny-gpt2"), new() { Statistics = true, Progress = new Listener(_ => cancelled.Cancel()) }, cancelled.Token));

        Assert.Equal(reports[0].BytesTotal, reports.Max(report => report.BytesDone));
    }

    [Fact]
    public Task Bins_out_of_range_are_refused() => Assert.ThrowsAsync<ArgumentException>(
        () => CheckpointInspector.InspectAsync(Repository.Fixture("tiny-gpt2"), new() { HistogramBins = -1 }));

    private sealed class Listener(Action<InspectionProgress> action) : IProgress<InspectionProgress>
    {
        public void Report(InspectionProgress value) => action(value);
    }
}
