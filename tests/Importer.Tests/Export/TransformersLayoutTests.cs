using System.Text.Json;
using System.Text.Json.Nodes;
using Importer.Export;
using SafeTensorSharp;
using Tests.Shared;

namespace Importer.Tests.Export;

/// <summary>What stands beside the tensors in transformers' layout.</summary>
public sealed class TransformersLayoutTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("tiny-gpt2", "GPT2LMHeadModel", true)]
    [InlineData("tiny-llama", "LlamaForCausalLM", false)]
    [InlineData("tiny-mistral", "MistralForCausalLM", false)]
    [InlineData("tiny-qwen2-tied", "Qwen2ForCausalLM", true)]
    [InlineData("tiny-minimind-qwen3", "Qwen3ForCausalLM", true)]
    [InlineData("tiny-gpt-neo", "GPTNeoForCausalLM", true)]
    [InlineData("tiny-gpt-neox", "GPTNeoXForCausalLM", false)]
    [InlineData("tiny-opt", "OPTForCausalLM", true)]
    [InlineData("tiny-opt-350m-style", "OPTForCausalLM", true)]
    [InlineData("tiny-minimind/hf", "MiniMindForCausalLM", true)]
    public async Task The_configuration_keeps_every_field_and_says_what_is_written(string fixture, string architecture, bool tied)
    {
        string imported = await Exports.ImportAsync(Repository.Fixture(fixture), _directory);
        await WeightExporter.ExportAsync(imported, _directory["hf"], new() { DType = DType.BF16 });

        var original = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Fixture(fixture), "config.json")))!.AsObject();
        var written = JsonNode.Parse(File.ReadAllText(_directory["hf", "config.json"]))!.AsObject();
        Assert.Equal(architecture, (string)written["architectures"]![0]!);
        Assert.Equal((string)original["model_type"]!, (string)written["model_type"]!);
        Assert.Equal(tied, (bool)written["tie_word_embeddings"]!);
        string dtype = original.ContainsKey("dtype") ? "dtype" : "torch_dtype";
        Assert.Equal("bfloat16", (string)written[dtype]!);
        Assert.All(
            original.Where(field => field.Key is not ("torch_dtype" or "dtype")),
            field => Assert.True(JsonNode.DeepEquals(field.Value, written[field.Key]), field.Key));
        Assert.Empty(written.Select(field => field.Key).Except(original.Select(field => field.Key)).Except(["tie_word_embeddings"]));
        Assert.Equal(written.Select(field => field.Key).Order(StringComparer.Ordinal), written.Select(field => field.Key));
        Assert.All(SafeTensorHeader.Identify(_directory["hf", "model.safetensors"]).Tensors, tensor => Assert.Equal(DType.BF16, tensor.DType));
        Assert.Equal("pt", SafeTensorHeader.Identify(_directory["hf", "model.safetensors"]).Metadata["format"]);
    }

    [Fact]
    public async Task A_checkpoint_of_the_model_without_its_head_gets_the_class_that_has_one()
    {
        string source = _directory.CopyFixture("tiny-gpt2");
        Edit(source, json => json["architectures"] = new JsonArray("GPT2Model"));

        await WeightExporter.ExportAsync(source, _directory["hf"]);

        Assert.Equal("GPT2LMHeadModel", Config().GetProperty("architectures")[0].GetString());
    }

    [Fact]
    public async Task An_untied_model_gets_the_prefix_without_which_transformers_loses_its_head()
    {
        string source = _directory.CopyFixture("variant-untied");
        RemovePrefix(Path.Combine(source, "model.safetensors"));

        ExportResult result = await WeightExporter.ExportAsync(source, _directory["hf"]);

        Assert.Equal("transformer.", result.Plan.Prefix);
        Assert.Equal(
            Exports.Read(Repository.Fixture("variant-untied")).Keys.Order(StringComparer.Ordinal), Exports.Read(_directory["hf"]).Keys.Order(StringComparer.Ordinal));
        Assert.Equal(Exports.Logits(Repository.Fixture("variant-untied")), Exports.Logits(_directory["hf"]));
    }

    [Fact]
    public async Task Generation_settings_and_the_tokenizers_files_go_along()
    {
        string source = _directory.CopyFixture("tiny-gpt2");
        foreach (string name in new[] { "tokenizer.json", "vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json" })
        {
            File.Copy(Path.Combine(Repository.Fixture("tokenizer-tiny"), name), Path.Combine(source, name));
        }

        string imported = await Exports.ImportAsync(source, _directory);
        ExportResult result = await WeightExporter.ExportAsync(imported, _directory["hf"]);

        Assert.Empty(result.Notes);
        Assert.All(
            Directory.GetFiles(source).Select(Path.GetFileName).Where(name => name is not ("README.md" or "expected.safetensors" or "model.safetensors" or "config.json")),
            name => Assert.Equal(File.ReadAllBytes(Path.Combine(source, name!)), File.ReadAllBytes(_directory["hf", name!])));
        Assert.True(File.Exists(_directory["hf", "generation_config.json"]));
        Assert.False(File.Exists(_directory["hf", "manifest.json"]));
    }

    [Fact]
    public async Task Without_generation_settings_they_are_those_of_the_configuration()
    {
        string source = _directory.CopyFixture("tiny-gpt2");
        File.Delete(Path.Combine(source, "generation_config.json"));

        ExportResult result = await WeightExporter.ExportAsync(source, _directory["hf"]);

        var json = JsonDocument.Parse(File.ReadAllBytes(_directory["hf", "generation_config.json"])).RootElement;
        Assert.Equal((true, 210, 210), (json.GetProperty("_from_model_config").GetBoolean(), json.GetProperty("bos_token_id").GetInt32(), json.GetProperty("eos_token_id").GetInt32()));
        Assert.Contains(result.Notes, note => note.Contains("tokenizer", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Minimind_is_said_to_need_its_own_code()
    {
        ExportPreview preview = await WeightExporter.PlanAsync(Repository.Fixture("tiny-minimind/hf"), _directory["hf"]);

        Assert.Contains(preview.Notes, note => note.Contains("trust_remote_code", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_configuration_that_cannot_be_written_again_is_refused()
    {
        string source = _directory.CopyFixture("tiny-gpt2");
        string config = Path.Combine(source, "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"cls_index\"", "\"\\ud800\"", StringComparison.Ordinal));

        var error = await Assert.ThrowsAsync<ModelConfigException>(() => WeightExporter.ExportAsync(source, _directory["hf"]));

        Assert.Contains("Unicode", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_directory["hf"]));
    }

    [Fact]
    public async Task The_plan_reads_headers_only_and_writes_nothing()
    {
        string imported = await Exports.ImportAsync(Repository.Fixture("tiny-gpt2"), _directory);

        ExportPreview preview = await WeightExporter.PlanAsync(imported, _directory["hf"]);

        Assert.Equal((40, 98_112, _directory["hf"]), (preview.Plan.Rows.Count, preview.Parameters, preview.Target));
        Assert.Equal(["config.json", "generation_config.json", "model.safetensors"], preview.Files);
        Assert.False(Directory.Exists(_directory["hf"]));
    }

    private JsonElement Config() => JsonDocument.Parse(File.ReadAllBytes(_directory["hf", "config.json"])).RootElement;

    private static void Edit(string source, Action<JsonObject> edit)
    {
        string path = Path.Combine(source, "config.json");
        var json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        edit(json);
        File.WriteAllText(path, json.ToJsonString());
    }

    private static void RemovePrefix(string path)
    {
        var tensors = Exports.Read(path);
        SafeTensorWriter.Write(path, tensors.Select(tensor => SafeTensorEntry.FromBytes(
            tensor.Key.Replace("transformer.", "", StringComparison.Ordinal), tensor.Value.DType, tensor.Value.Shape.Split(',').Select(long.Parse), tensor.Value.Bytes)));
    }
}
