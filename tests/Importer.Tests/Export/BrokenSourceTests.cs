using System.Text.Json.Nodes;
using Importer.Export;
using Importer.Mapping;
using SafeTensorSharp;
using Tests.Shared;

namespace Importer.Tests.Export;

/// <summary>Sources that are broken, contradict themselves, or change meanwhile: a typed error, and nothing half-written.</summary>
public sealed class BrokenSourceTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task What_is_no_model_is_said_so()
    {
        await Assert.ThrowsAsync<ModelNotFoundException>(() => Export(_directory["nothing"]));
        Directory.CreateDirectory(_directory["empty"]);
        await Assert.ThrowsAsync<ModelNotFoundException>(() => Export(_directory["empty"]));
        AssertNothingWritten();
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("header")]
    [InlineData("empty")]
    public async Task A_broken_import_is_refused(string damage)
    {
        string imported = await Exports.ImportAsync(Repository.Fixture("tiny-gpt2"), _directory), weights = Path.Combine(imported, "model.safetensors");
        byte[] bytes = File.ReadAllBytes(weights);
        File.WriteAllBytes(weights, damage switch { "cut" => bytes[..^7], "header" => [.. bytes[..8], (byte)'x', .. bytes[9..]], _ => [] });

        await Assert.ThrowsAnyAsync<SafeTensorException>(() => Export(imported));
        AssertNothingWritten();
    }

    [Fact]
    public async Task An_import_that_lacks_parameters_has_others_or_wrong_shapes_says_all_of_it()
    {
        string imported = await Exports.ImportAsync(Repository.Fixture("tiny-gpt2"), _directory), weights = Path.Combine(imported, "model.safetensors");
        var tensors = Exports.Read(weights);
        var metadata = SafeTensorHeader.Identify(weights).Metadata;
        SafeTensorWriter.Write(
            weights,
            tensors.Where(tensor => tensor.Key != "transformer.ln_f.bias").Select(tensor => SafeTensorEntry.FromBytes(
                tensor.Key == "transformer.wpe.weight" ? "transformer.wpe.strange" : tensor.Key,
                tensor.Value.DType,
                tensor.Key == "transformer.ln_f.weight" ? [6, 8] : tensor.Value.Shape.Split(',').Select(long.Parse),
                tensor.Value.Bytes)),
            metadata);

        var error = await Assert.ThrowsAsync<CheckpointMismatchException>(() => Export(imported));

        Assert.Equal(4, error.Problems.Count);
        AssertNothingWritten();
    }

    [Fact]
    public async Task A_tied_head_with_other_content_is_not_left_out()
    {
        string source = _directory.CopyFixture("tiny-gpt2"), weights = Path.Combine(source, "model.safetensors");
        var tensors = Exports.Read(weights);
        byte[] head = [.. tensors["wte.weight"].Bytes];
        head[^1] ^= 1;
        SafeTensorWriter.Write(
            weights,
            [
                .. tensors.Select(tensor => SafeTensorEntry.FromBytes(tensor.Key, tensor.Value.DType, tensor.Value.Shape.Split(',').Select(long.Parse), tensor.Value.Bytes)),
                SafeTensorEntry.FromBytes("lm_head.weight", DType.F32, [211, 48], head),
            ]);

        await Assert.ThrowsAsync<TiedWeightsDifferException>(() => Export(source));
        AssertNothingWritten();
    }

    [Theory]
    [InlineData("n_layer", 4)]
    [InlineData("n_embd", 64)]
    [InlineData("vocab_size", 100)]
    public async Task A_configuration_of_another_model_is_found_out(string field, int value)
    {
        string imported = await Exports.ImportAsync(Repository.Fixture("tiny-gpt2"), _directory), config = Path.Combine(imported, "config.json");
        var json = JsonNode.Parse(File.ReadAllText(config))!.AsObject();
        json[field] = value;
        File.WriteAllText(config, json.ToJsonString());

        await Assert.ThrowsAsync<CheckpointMismatchException>(() => Export(imported));
        await Assert.ThrowsAsync<CheckpointMismatchException>(() => WeightExporter.PlanAsync(imported, _directory["out"], Exports.NanoGpt()));
        AssertNothingWritten();
    }

    [Theory]
    [InlineData("../../evil.")]
    [InlineData("nobody.")]
    [InlineData("_orig_mod.transformer.")]
    public async Task A_prefix_in_the_manifest_counts_only_where_the_table_knows_it(string prefix)
    {
        string imported = await Exports.ImportAsync(Repository.Fixture("tiny-gpt2"), _directory), manifest = Path.Combine(imported, "manifest.json");
        var json = JsonNode.Parse(File.ReadAllText(manifest))!.AsObject();
        Assert.NotNull(json["mapping"]!["prefix"]);
        json["mapping"]!["prefix"] = prefix;
        File.WriteAllText(manifest, json.ToJsonString());

        ExportResult result = await Export(imported);

        Assert.Equal("transformer.", result.Plan.Prefix);
    }

    [Fact]
    public async Task An_import_without_its_manifest_is_exported_by_its_configuration()
    {
        string imported = await Exports.ImportAsync(Repository.Fixture("tiny-llama"), _directory);
        File.Delete(Path.Combine(imported, "manifest.json"));

        await Export(imported);

        Assert.Equal(Exports.Logits(Repository.Fixture("tiny-llama")), Exports.Logits(_directory["out"]));
    }

    [Fact]
    public async Task A_source_that_is_written_to_meanwhile_gives_no_export()
    {
        string source = _directory.CopyFixture("tiny-gpt2");
        var progress = new Reaction(() => File.AppendAllText(Path.Combine(source, "generation_config.json"), " "));

        var error = await Assert.ThrowsAsync<SourceChangedException>(() => WeightExporter.ExportAsync(source, _directory["out"], new() { Progress = progress }));

        Assert.Equal(["generation_config.json"], error.Files);
        AssertNothingWritten();
    }

    [Fact]
    public async Task Cancelled_while_it_writes_it_leaves_nothing_and_an_earlier_export_stays()
    {
        string source = _directory.CopyFixture("tiny-gpt2");
        await Export(source);
        byte[] before = File.ReadAllBytes(_directory["out", "model.safetensors"]);
        using var cancellation = new CancellationTokenSource();
        var progress = new Reaction(cancellation.Cancel);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => WeightExporter.ExportAsync(source, _directory["out"], new() { DType = DType.BF16, Force = true, Progress = progress }, cancellation.Token));

        Assert.True(progress.Happened);
        Assert.Equal(before, File.ReadAllBytes(_directory["out", "model.safetensors"]));
        Assert.Equal([_directory["out"], source], Directory.GetFileSystemEntries(_directory.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_a_killed_export_left_is_cleared_by_the_next()
    {
        string left = _directory[$".out.importing-{Guid.NewGuid():N}"];
        Directory.CreateDirectory(left);
        File.WriteAllText(Path.Combine(left, "model-00001-of-00002.safetensors"), "half");
        File.WriteAllText(Path.Combine(left, ".ckpt.pt.abc.tmp"), "half");

        await Export(Repository.Fixture("tiny-gpt2"));

        Assert.False(Directory.Exists(left));
    }

    private Task<ExportResult> Export(string source) => WeightExporter.ExportAsync(source, _directory["out"]);

    private void AssertNothingWritten() =>
        Assert.DoesNotContain(Directory.GetFileSystemEntries(_directory.Path).Select(Path.GetFileName), name => name == "out" || name!.StartsWith('.'));

    /// <summary>Does something when the writing begins.</summary>
    private sealed class Reaction(Action action) : IProgress<ExportProgress>
    {
        private int _happened;

        public bool Happened => _happened == 1;

        public void Report(ExportProgress value)
        {
            if (value.Phase == ExportPhase.Writing && Interlocked.Exchange(ref _happened, 1) == 0)
            {
                action();
            }
        }
    }
}
