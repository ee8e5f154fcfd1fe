using Importer.Conversion;
using Importer.Export;
using Importer.Models;
using Importer.Sources;
using SafeTensorSharp;
using Tests.Shared;
using static TorchSharp.torch;

namespace Importer.Tests.Export;

/// <summary>What goes in comes out: every golden set, imported and exported again.</summary>
public sealed class RoundTripTests : IDisposable
{
    private static readonly string[] Wrappers = ["_orig_mod.", "module."];
    private readonly TemporaryDirectory _directory = new();

    public static TheoryData<string> Sources =>
    [
        "tiny-gpt2", "tiny-gpt2-bin", "tiny-gpt2-bin-legacy", "tiny-gpt2-prefixed", "tiny-gpt2-sharded", "tiny-gpt2-sharded-bin", "misaligned-gpt2",
        "variant-gelu", "variant-gelu-new", "variant-layer-norm-eps-1e-6", "variant-n-inner", "variant-relu", "variant-reorder-and-upcast-attn",
        "variant-reorder-upcast-inverse", "variant-scale-attn-by-inverse-layer-idx", "variant-scale-attn-weights-false", "variant-silu", "variant-tanh",
        "variant-untied", "tiny-llama", "tiny-llama-bias-linrope", "tiny-llama-sharded-f16", "tiny-llama-tied", "tiny-mistral", "tiny-qwen2",
        "tiny-qwen2-tied", "tiny-gpt-neo", "tiny-gpt-neo-buffers", "tiny-gpt-neox", "tiny-gpt-neox-seq", "tiny-opt", "tiny-opt-350m-style", "tiny-minimind-qwen3",
        "tiny-minimind/values.safetensors", "tiny-minimind/pretrain_32.pth", "tiny-minimind/pretrain_32_resume.pth", "tiny-minimind/hf",
        "tiny-minimind2/values.safetensors", "tiny-minimind2/pretrain_32.pth", "tiny-minimind2/hf",
        "tiny-minimind-moe/values.safetensors", "tiny-minimind-moe/pretrain_24_moe.pth", "tiny-minimind-old/pretrain_32.pth", "tiny-minimind-old/hf",
        "tiny-minimind-v1/pretrain_36.pth", "tiny-minimind-v1/full_sft_36_compiled.pth", "minimind-like/pretrain_64.pth", "minimind-like/pretrain_64_legacy.pth",
    ];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task Import_then_export_gives_every_mapped_key_byte_for_byte_and_the_same_logits(string fixture)
    {
        string source = Exports.Source(fixture, _directory), imported = await Exports.ImportAsync(source, _directory);

        ExportResult result = await WeightExporter.ExportAsync(imported, _directory["hf"]);

        Assert.Equal((ExportOutcome.Exported, _directory["hf"]), (result.Outcome, result.Directory));
        AssertSameTensors(source, _directory["hf"]);
        Assert.Equal(Exports.Logits(source), Exports.Logits(_directory["hf"]));
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task The_original_and_a_model_in_memory_give_the_same_file_as_the_import(string fixture)
    {
        string source = Exports.Source(fixture, _directory), imported = await Exports.ImportAsync(source, _directory);
        await WeightExporter.ExportAsync(imported, _directory["hf"]);
        byte[] expected = File.ReadAllBytes(_directory["hf", "model.safetensors"]), config = File.ReadAllBytes(_directory["hf", "config.json"]);

        await WeightExporter.ExportAsync(source, _directory["direct"]);
        Assert.Equal(expected, File.ReadAllBytes(_directory["direct", "model.safetensors"]));
        Assert.Equal(config, File.ReadAllBytes(_directory["direct", "config.json"]));

        // In f32 every number of a narrower dtype is kept, so that rounding gives it back.
        DType dtype = SafeTensorHeader.Identify(_directory["hf", "model.safetensors"]).Tensors[0].DType;
        foreach (string path in new[] { source, imported })
        {
            using var model = PretrainedModel.FromPretrained(path, new() { Device = CPU });
            await model.SavePretrainedAsync(_directory["memory"], new() { DType = dtype, Force = true });
            Assert.Equal(expected, File.ReadAllBytes(_directory["memory", "model.safetensors"]));
            Assert.Equal(config, File.ReadAllBytes(_directory["memory", "config.json"]));
        }
    }

    [Fact]
    public async Task A_second_round_changes_nothing()
    {
        await WeightExporter.ExportAsync(Repository.Fixture("tiny-gpt2-prefixed"), _directory["one"]);
        await WeightExporter.ExportAsync(_directory["one"], _directory["two"]);

        foreach (string name in new[] { "model.safetensors", "config.json", "generation_config.json" })
        {
            Assert.Equal(File.ReadAllBytes(_directory["one", name]), File.ReadAllBytes(_directory["two", name]));
        }
    }

    [Fact]
    public async Task An_import_by_a_table_of_ones_own_goes_out_in_the_published_layout()
    {
        string source = _directory.CopyFixture("tiny-gpt2"), table = _directory["mine.json"];
        File.WriteAllText(table, File.ReadAllText(Path.Combine(Repository.Root, "mappings", "gpt2.json")).Replace("\"family\": \"gpt2\"", "\"family\": \"mine\"", StringComparison.Ordinal));
        string imported = (await WeightImporter.ImportAsync(source, _directory["imported"], new() { MappingFile = table })).Directory;
        Assert.True(File.Exists(Path.Combine(imported, "mapping.json")));

        await WeightExporter.ExportAsync(imported, _directory["hf"]);
        await WeightExporter.ExportAsync(source, _directory["direct"], new() { MappingFile = table });

        // Nobody knows the prefix of another table's keys: they are those of save_pretrained.
        var expected = Exports.Read(source);
        var written = Exports.Read(_directory["hf"]);
        Assert.All(written, tensor => Assert.Equal(expected[tensor.Key["transformer.".Length..]].Bytes, tensor.Value.Bytes));
        Assert.Equal(40, written.Count);
        Assert.Equal(File.ReadAllBytes(_directory["hf", "model.safetensors"]), File.ReadAllBytes(_directory["direct", "model.safetensors"]));
    }

    [Fact]
    public async Task Masks_come_back_where_they_are_asked_for()
    {
        string source = Repository.Fixture("tiny-gpt2"), imported = await Exports.ImportAsync(source, _directory);

        ExportResult result = await WeightExporter.ExportAsync(imported, _directory["hf"], new() { WriteMasks = true });

        Assert.Equal(3, result.Plan.Generated.Count);
        var original = Exports.Read(source);
        var written = Exports.Read(_directory["hf"]);
        Assert.Equal(original.Keys.Order(StringComparer.Ordinal), written.Keys.Order(StringComparer.Ordinal));
        Assert.All(original, tensor => Assert.Equal(tensor.Value.Bytes, written[tensor.Key].Bytes));
    }

    [Theory]
    [InlineData(100_000, 5)]
    [InlineData(1, 40)] // a tensor that is larger gets a file of its own
    [InlineData(392_447, 2)]
    public async Task Shards_hold_what_one_file_does_and_are_named_and_indexed_as_transformers_does(long most, int count)
    {
        string imported = await Exports.ImportAsync(Repository.Fixture("tiny-gpt2"), _directory);
        await WeightExporter.ExportAsync(imported, _directory["one"]);
        var options = new ExportOptions { MaxShardBytes = most };
        ExportPreview preview = await WeightExporter.PlanAsync(imported, _directory["shards"], options);

        ExportResult result = await WeightExporter.ExportAsync(imported, _directory["shards"], options);

        string[] shards = [.. result.Files.Select(file => file.Name).Where(name => name.StartsWith("model-", StringComparison.Ordinal))];
        Assert.Equal(preview.Files.Order(StringComparer.Ordinal), result.Files.Select(file => file.Name));
        Assert.Equal(Enumerable.Range(1, count).Select(i => $"model-{i:D5}-of-{count:D5}.safetensors"), shards);
        Assert.Contains("model.safetensors.index.json", result.Files.Select(file => file.Name));
        Assert.All(shards, shard => Assert.Equal("pt", SafeTensorHeader.Identify(_directory["shards", shard]).Metadata["format"]));
        Assert.All(shards, shard => Assert.InRange(SafeTensorHeader.Identify(_directory["shards", shard]).Tensors.Sum(tensor => tensor.ByteCount), 1, Math.Max(most, 41_000)));
        using var index = System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(_directory["shards", "model.safetensors.index.json"]));
        Assert.Equal(result.Plan.BytesToWrite, index.RootElement.GetProperty("metadata").GetProperty("total_size").GetInt64());
        var one = Exports.Read(_directory["one"]);
        var several = Exports.Read(_directory["shards"]);
        Assert.Equal(one.Count, several.Count);
        Assert.All(one, tensor => Assert.Equal(tensor.Value.Bytes, several[tensor.Key].Bytes));
        Assert.Equal(Exports.Logits(_directory["one"]), Exports.Logits(_directory["shards"]));
    }

    private static void AssertSameTensors(string source, string exported)
    {
        using var original = ModelDirectory.Open(source);
        string[] mapped = [.. original.Plan(dtype: null).Rows.SelectMany(row => row.Sources).Select(tensor => tensor.Name).Distinct()];
        var expected = Exports.Read(source);
        var written = Exports.Read(exported);
        Assert.Equal(mapped.Select(Unwrapped).Order(StringComparer.Ordinal), written.Keys.Order(StringComparer.Ordinal));
        foreach (string key in mapped)
        {
            var (dtype, shape, bytes) = written[Unwrapped(key)];
            Assert.Equal((expected[key].DType, expected[key].Shape), (dtype, shape));
            Assert.True(expected[key].Bytes.AsSpan().SequenceEqual(bytes), key);
        }
    }

    private static string Unwrapped(string key) => Wrappers.Aggregate(key, (name, wrapper) => name.Replace(wrapper, "", StringComparison.Ordinal));
}
