using System.Text.Json;
using Importer.Export;
using Importer.Models;
using Importer.Models.Gpt;
using Importer.Models.Llama;
using SafeTensorSharp;
using Tests.Shared;
using static TorchSharp.torch;

namespace Importer.Tests.Export;

/// <summary>Models in memory.</summary>
public sealed class SavePretrainedTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void What_was_trained_is_what_is_saved_and_loaded_again()
    {
        using var model = GptModel.FromPretrained(Repository.Fixture("tiny-gpt2"), new() { Device = CPU, Training = true });
        using (no_grad())
        {
            foreach (var (_, parameter) in model.named_parameters())
            {
                parameter.mul_(1.25).add_(0.01);
            }
        }

        ExportResult result = model.SavePretrained(_directory["hf"]);

        Assert.True(model.training);
        Assert.Equal((ExportOutcome.Exported, 98_112), (result.Outcome, result.Parameters));
        model.eval();
        Assert.Equal(Exports.Logits(model), Exports.Logits(_directory["hf"]));
        Assert.NotEqual(Exports.Logits(Repository.Fixture("tiny-gpt2")), Exports.Logits(_directory["hf"]));
    }

    [Fact]
    public void A_cropped_context_and_a_dropout_are_in_the_configuration_and_the_rest_stays()
    {
        string source = _directory.CopyFixture("tiny-gpt2");
        string config = Path.Combine(source, "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"n_embd\"", "\"n_ctx\": 64,\n  \"task_specific_params\": {\"a\": [1]},\n  \"n_embd\"", StringComparison.Ordinal));
        using var model = GptModel.FromPretrained(source, new() { Device = CPU, BlockSize = 16, Dropout = 0.25 });

        model.SavePretrained(_directory["hf"]);

        var json = JsonDocument.Parse(File.ReadAllBytes(_directory["hf", "config.json"])).RootElement;
        Assert.Equal((16, 16, 0.25), (json.GetProperty("n_positions").GetInt32(), json.GetProperty("n_ctx").GetInt32(), json.GetProperty("attn_pdrop").GetDouble()));
        Assert.Equal(("""{"a": [1]}""", 210), (json.GetProperty("task_specific_params").GetRawText().ReplaceLineEndings("").Replace("  ", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal), json.GetProperty("bos_token_id").GetInt32()));
        using var again = GptModel.FromPretrained(_directory["hf"], new() { Device = CPU });
        Assert.Equal(16, again.Config.BlockSize);
        Assert.Equal(Exports.Logits(model), Exports.Logits(again));
    }

    [Theory]
    [InlineData("tiny-gpt2")]
    [InlineData("tiny-llama-bias-linrope")]
    [InlineData("tiny-mistral")]
    [InlineData("tiny-qwen2")]
    [InlineData("tiny-minimind-qwen3")]
    [InlineData("tiny-gpt-neo")]
    [InlineData("tiny-gpt-neox")]
    [InlineData("tiny-opt")]
    [InlineData("tiny-opt-350m-style")]
    [InlineData("tiny-minimind-moe/values.safetensors")]
    [InlineData("tiny-minimind-old/pretrain_32.pth")]
    [InlineData("nanogpt-ckpt/ckpt.pt")]
    public void A_model_that_was_never_in_a_file_can_be_saved(string fixture)
    {
        using var model = PretrainedModel.FromPretrained(Repository.Fixture(fixture), new() { Device = CPU });
        model.Origin = null;

        model.SavePretrained(_directory["hf"]);

        float[] expected = Exports.Numbers(Exports.Logits(model)), actual = Exports.Numbers(Exports.Logits(_directory["hf"]));
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    [Fact]
    public void A_parameter_whose_elements_do_not_lie_in_a_row_is_saved_as_it_is_seen()
    {
        using var model = LlamaModel.FromPretrained(Repository.Fixture("tiny-llama"), new() { Device = CPU });
        var parameter = model.named_parameters().First(entry => entry.name == "model.layers.0.mlp.up_proj.weight").parameter;
        byte[] expected = parameter.bytes.ToArray();
        using (no_grad())
        {
            using var transposed = parameter.detach().t().contiguous();
            parameter.set_(transposed.t());
        }

        Assert.False(parameter.is_contiguous());
        model.SavePretrained(_directory["hf"]);

        Assert.Equal(expected, Exports.Read(_directory["hf"])["model.layers.0.mlp.up_proj.weight"].Bytes);
    }

    [Fact]
    public void Half_precision_in_memory_is_half_precision_on_disk()
    {
        using var model = GptModel.FromPretrained(Repository.Fixture("tiny-gpt2"), new() { Device = CPU, DType = ScalarType.BFloat16 });

        model.SavePretrained(_directory["hf"]);

        Assert.All(SafeTensorHeader.Identify(_directory["hf", "model.safetensors"]).Tensors, tensor => Assert.Equal(DType.BF16, tensor.DType));
        Assert.Equal("bfloat16", JsonDocument.Parse(File.ReadAllBytes(_directory["hf", "config.json"])).RootElement.GetProperty("torch_dtype").GetString());
    }

    [Fact]
    public void Tokenizer_files_go_along_as_long_as_they_are_there()
    {
        string source = _directory.CopyFixture("tiny-gpt2");
        File.Copy(Path.Combine(Repository.Fixture("tokenizer-tiny"), "tokenizer.json"), Path.Combine(source, "tokenizer.json"));
        using var model = GptModel.FromPretrained(source, new() { Device = CPU });

        Assert.Contains("tokenizer.json", model.SavePretrained(_directory["one"]).Files.Select(file => file.Name));
        Directory.Delete(source, recursive: true);
        ExportResult later = model.SavePretrained(_directory["two"]);

        Assert.DoesNotContain("tokenizer.json", later.Files.Select(file => file.Name));
        Assert.Contains(later.Notes, note => note.Contains("tokenizer", StringComparison.Ordinal));
        Assert.Contains("generation_config.json", later.Files.Select(file => file.Name));
        Assert.Equal(Exports.Logits(model), Exports.Logits(_directory["two"]));
    }

    [Fact]
    public void Saved_again_to_the_same_place_it_is_replaced_only_if_that_is_asked_for()
    {
        using var model = GptModel.FromPretrained(Repository.Fixture("tiny-gpt2"), new() { Device = CPU });
        model.SavePretrained(_directory["hf"], new() { MaxShardBytes = 100_000 });

        Assert.Throws<ExportPlaceTakenException>(() => model.SavePretrained(_directory["hf"]));
        Assert.Equal(ExportOutcome.Replaced, model.SavePretrained(_directory["hf"], new() { Force = true }).Outcome);

        // No shard of the first is left beside the second.
        Assert.Equal(["config.json", "generation_config.json", "model.safetensors"], Directory.GetFiles(_directory["hf"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        // A model goes back to where it came from, although that is replaced under it.
        using var own = GptModel.FromPretrained(_directory["hf"], new() { Device = CPU });
        Assert.Equal(ExportOutcome.Replaced, own.SavePretrained(_directory["hf"], new() { Force = true }).Outcome);
        Assert.Equal(Exports.Logits(model), Exports.Logits(_directory["hf"]));
    }

    [Fact]
    public async Task A_cancelled_save_leaves_nothing()
    {
        using var model = GptModel.FromPretrained(Repository.Fixture("tiny-gpt2"), new() { Device = CPU });
        using var cancellation = new CancellationTokenSource();
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => model.SavePretrainedAsync(_directory["hf"], cancellationToken: cancellation.Token));

        Assert.Empty(Directory.GetFileSystemEntries(_directory.Path));
    }

    [Fact]
    public void Saving_leaves_no_tensor_behind()
    {
        using var model = GptModel.FromPretrained(Repository.Fixture("tiny-gpt2"), new() { Device = CPU });
        using var scope = NewDisposeScope();

        model.SavePretrained(_directory["hf"]);

        Assert.Equal(0, scope.DisposablesCount);
    }
}
