using System.Text;
using System.Text.Json;

namespace HuggingFace.Hub.Client.Tests;

public sealed class ModelSelectionTests : HubTest
{
    private static readonly string[] Gpt2Names =
    [
        "config.json", "generation_config.json", "model.safetensors", "pytorch_model.bin", "tf_model.h5", "flax_model.msgpack",
            "rust_model.ot",
        "tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt", "README.md", ".gitattributes", "onnx/decoder_model.onnx",
            "64.tflite",
    ];

    [Fact]
    public async Task Gpt2s_repository_gives_what_a_model_needs_and_nothing_else()
    {
        Repo.Commit(Gpt2Names.Select((name, i) => name.EndsWith(".json", StringComparison.Ordinal)
            || name.EndsWith(".txt", StringComparison.Ordinal)
            ? FakeFile.Text(name, $"{{\"n\": {i}}}")
            : FakeFile.Lfs(name, 1000, i)));

        HubModelFiles model = await Client().DownloadModelAsync(Gpt2);

        Assert.Equal(
            ["config.json", "generation_config.json", "merges.txt", "model.safetensors", "tokenizer.json", "tokenizer_config.json",
                "vocab.json"],
            model.Snapshot.Files.Select(file => file.Path));
        Assert.Equal(HubWeightFormat.Safetensors, model.Format);
        Assert.Null(model.WeightsIndex);
        Assert.EndsWith("/config.json", model.Config, StringComparison.Ordinal);
        Assert.EndsWith("/generation_config.json", model.GenerationConfig, StringComparison.Ordinal);
        Assert.Equal(4, model.Tokenizer.Count);
        Assert.All(model.Snapshot.Files, file => Assert.True(File.Exists(file.LocalPath)));
    }

    [Theory]
    [InlineData(HubWeightFormat.Auto, "model.safetensors,model.safetensors.index.json,pytorch_model.bin,pytorch_model.bin.index.json",
        "model.safetensors")]
    [InlineData(HubWeightFormat.Auto, "model.safetensors.index.json,s1.safetensors,s2.safetensors,pytorch_model.bin",
        "s1.safetensors,s2.safetensors")]
    [InlineData(HubWeightFormat.Auto, "pytorch_model.bin,pytorch_model.bin.index.json", "pytorch_model.bin")]
    [InlineData(HubWeightFormat.Auto, "pytorch_model.bin.index.json,s1.safetensors,s2.safetensors", "s1.safetensors,s2.safetensors")]
    [InlineData(HubWeightFormat.PyTorch, "model.safetensors,pytorch_model.bin", "pytorch_model.bin")]
    [InlineData(HubWeightFormat.Safetensors, "pytorch_model.bin", null)]
    [InlineData(HubWeightFormat.PyTorch, "model.safetensors", null)]
    [InlineData(HubWeightFormat.Auto, "tf_model.h5", null)]
    [InlineData(HubWeightFormat.Auto, "sub/model.safetensors", null)]
    public async Task First_hit_in_transformers_order_wins(HubWeightFormat format, string present, string? expected)
    {
        if (expected is null)
        {
            HubEntryNotFoundException error = await Assert.ThrowsAsync<HubEntryNotFoundException>(
                () => SelectAsync(new HubModelOptions { Weights = format }, present));
            Assert.Equal(HubErrorCategory.NotFoundOrNotPermitted, error.Category);
            Assert.NotEmpty(error.Paths);
        }
        else
        {
            ModelChoice choice = await SelectAsync(new HubModelOptions { Weights = format }, present);
            Assert.Equal(expected.Split(','), choice.Weights);
        }
    }

    [Fact]
    public async Task Variant_is_taken_whole_or_sharded_and_never_replaced_silently()
    {
        var fp16 = new HubModelOptions { Variant = "fp16" };
        Assert.Equal(["model.fp16.safetensors"], (await SelectAsync(fp16, "model.safetensors,model.fp16.safetensors")).Weights);
        Assert.Equal("model.safetensors.index.fp16.json", (
            await SelectAsync(fp16, "model.safetensors,model.safetensors.index.fp16.json,s1.safetensors,s2.safetensors")).Index);

        HubEntryNotFoundException error = await Assert.ThrowsAsync<HubEntryNotFoundException>(() => SelectAsync(fp16, "model.safetensors"));
        Assert.Contains("'model.safetensors' without the variant 'fp16'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Subfolder_include_and_exclude()
    {
        ModelChoice sub = await SelectAsync(
            new HubModelOptions { Subfolder = "unet/" }, "unet/config.json,unet/model.safetensors,model.safetensors");
        Assert.Equal(["unet/config.json", "unet/model.safetensors"], sub.All);

        ModelChoice excluded = await SelectAsync(
            new HubModelOptions { Exclude = ["*.safetensors"] }, "model.safetensors,pytorch_model.bin");
        Assert.Equal(["pytorch_model.bin"], excluded.Weights);

        ModelChoice included = await SelectAsync(new HubModelOptions { Include = ["*.md"] }, "model.safetensors,README.md,x/Y.md");
        Assert.Contains("README.md", included.All);
        Assert.Contains("x/Y.md", included.All);

        await Assert.ThrowsAsync<HubPathException>(() => SelectAsync(new HubModelOptions { Subfolder = "../x" }, "model.safetensors"));
    }

    [Fact]
    public async Task All_that_is_missing_is_named_at_once()
    {
        var selector = new ModelSelector(new HubModelOptions(), PathRules.Posix);

        HubEntryNotFoundException error = await Assert.ThrowsAsync<HubEntryNotFoundException>(
            () => selector.SelectAsync(
                ["tf_model.h5"], (_, _) => throw new InvalidOperationException(), new HubErrorContext { Repo = Gpt2 }, default));

        Assert.Contains("config.json", error.Paths);
        Assert.Contains("model.safetensors", error.Paths);
        Assert.Contains("tf_model.h5", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model.safetensors", null, "Without it nobody can tell")]
    [InlineData("model.safetensors,unet/config.json", null, "There is 'unet/config.json'")]
    [InlineData("model.safetensors,config.json", "config*", "an exclude pattern hides it")]
    [InlineData("model.safetensors,config.json", "*.safetensors", "'model.safetensors', but an exclude pattern hides it")]
    public async Task What_hides_a_file_is_told(string present, string? exclude, string told)
    {
        var selector = new ModelSelector(new HubModelOptions { Exclude = exclude is null ? null : [exclude] }, PathRules.Posix);

        HubEntryNotFoundException error = await Assert.ThrowsAsync<HubEntryNotFoundException>(
            () => selector.SelectAsync(
                present.Split(','), (_, _) => throw new InvalidOperationException(), new HubErrorContext { Repo = Gpt2 }, default));

        Assert.Contains(told, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("other weights", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sharded_model_is_downloaded_with_its_index()
    {
        CommitSharded("shard-2.safetensors");

        HubDownloadPlan plan = await Client().PlanModelAsync(Gpt2);
        Assert.False(Directory.Exists(CacheDirectory));
        HubModelFiles model = await Client().DownloadModelAsync(Gpt2);

        Assert.Equal(4, plan.Files.Count);
        Assert.Equal(plan.Files.Select(file => file.LocalPath), model.Snapshot.Files.Select(file => file.LocalPath));
        Assert.EndsWith("model.safetensors.index.json", model.WeightsIndex, StringComparison.Ordinal);
        Assert.Equal(["shard-1.safetensors", "shard-2.safetensors"], model.Weights.Select(Path.GetFileName));
    }

    [Fact]
    public async Task Shard_that_is_not_there_is_an_error_before_any_shard_is_downloaded()
    {
        CommitSharded("shard-3.safetensors");

        HubEntryNotFoundException error = await Assert.ThrowsAsync<HubEntryNotFoundException>(() => Client().DownloadModelAsync(Gpt2));

        Assert.Equal(["shard-3.safetensors"], error.Paths);
        Assert.Empty(Server.CdnRequests);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"weight_map\": {}}")]
    [InlineData("{\"weight_map\": 7}")]
    [InlineData("{\"weight_map\": {\"a\": 7}}")]
    [InlineData("{\"weight_map\": {\"a\": \"x\"")]
    [InlineData("{\"weight_map\": {\"a\": \"\\ud800\"}}")]
    [InlineData("\"\\")]
    public void What_is_no_index_is_refused(string json)
    {
        Assert.Throws<HubResponseException>(() =>
            WeightIndex.ReadShards(Encoding.UTF8.GetBytes(json), "model.safetensors.index.json", PathRules.Posix, HubErrorContext.None));
    }

    private static async Task<ModelChoice> SelectAsync(HubModelOptions options, string present)
    {
        var selector = new ModelSelector(options, PathRules.Posix);
        byte[] index = "{\"metadata\": {\"total_size\": 1}, \"weight_map\": {\"b\": \"s2.safetensors\", \"a\": \"s1.safetensors\", \"c\": \"s2.safetensors\"}}"u8.ToArray();
        await selector.SelectAsync(
            [.. present.Split(','), "config.json"], (_, _) => Task.FromResult(index), new HubErrorContext { Repo = Gpt2 }, default);
        return selector.Choice!;
    }

    private void CommitSharded(string second)
    {
        string index = JsonSerializer.Serialize(
            new { weight_map = new Dictionary<string, string> { ["a"] = "shard-1.safetensors", ["b"] = second } });
        Repo.Commit(
        [
            Config, FakeFile.Text("model.safetensors.index.json", index), FakeFile.Lfs("shard-1.safetensors", 5000, 1), FakeFile.Lfs(
                "shard-2.safetensors", 6000, 2),
        ]);
    }
}
