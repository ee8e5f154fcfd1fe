using Importer.Export;
using Importer.Models.Gpt;
using PyTorchCheckpoints;
using Tests.Shared;
using static TorchSharp.torch;

namespace Importer.Tests.Export;

/// <summary>nanoGPT's ckpt.pt, out of its own checkpoint, out of transformers' and back.</summary>
public sealed class NanoGptExportTests : IDisposable
{
    private const string Checkpoint = "nanogpt-ckpt/ckpt.pt";
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Its_own_checkpoint_comes_out_with_every_tensor_and_number_it_had()
    {
        string source = Repository.Fixture(Checkpoint), imported = await Exports.ImportAsync(source, _directory);

        await WeightExporter.ExportAsync(imported, _directory["imported-out"], new() { Format = ExportFormat.NanoGpt, WriteMasks = true });
        await WeightExporter.ExportAsync(source, _directory["direct-out"], new() { Format = ExportFormat.NanoGpt, WriteMasks = true });

        using var original = PyTorchCheckpoint.Open(source);
        foreach (string path in new[] { _directory["imported-out", "ckpt.pt"], _directory["direct-out", "ckpt.pt"] })
        {
            using var written = PyTorchCheckpoint.Open(path);
            Assert.Equal(original.StateDict.Tensors.Select(tensor => tensor.Name).Order(StringComparer.Ordinal), written.StateDict.Tensors.Select(tensor => tensor.Name).Order(StringComparer.Ordinal));
            Assert.All(original.StateDict.Tensors, tensor => Assert.Equal(Bytes(original, tensor), Bytes(written, written.StateDict[tensor.Name!])));
            Assert.Equal(original.ToJson("model_args")!.ToJsonString(), written.ToJson("model_args")!.ToJsonString(), Fields);
            Assert.True(written.StateDict["lm_head.weight"].IsTiedTo(written.StateDict["transformer.wte.weight"]));
            Assert.Equal("lm_head.weight", written.StateDict.Tensors.Last(tensor => !tensor.Name!.EndsWith("attn.bias", StringComparison.Ordinal)).Name);
        }

        // What stands beside the model: from the checkpoint, where that is the source.
        using var direct = PyTorchCheckpoint.Open(_directory["direct-out", "ckpt.pt"]);
        Assert.Equal(300, (int)direct.ToJson("iter_num")!);
        Assert.Equal((float)original.ToJson("best_val_loss")!, (float)direct.ToJson("best_val_loss")!);
        var config = direct.ToJson("config")!.AsObject();
        Assert.StartsWith("import-weights ", (string)config["exported_by"]!, StringComparison.Ordinal);
        config.Remove("exported_by");
        Assert.Equal(original.ToJson("config")!.ToJsonString(), config.ToJsonString());
        AssertSameOptimizer(original, direct);

        using var fresh = PyTorchCheckpoint.Open(_directory["imported-out", "ckpt.pt"]);
        Assert.Equal((0, 1e9f), ((int)fresh.ToJson("iter_num")!, (float)fresh.ToJson("best_val_loss")!));
        Assert.False(fresh.Header.TryFind("optimizer", out _));
        Assert.Equal(Exports.Logits(source), Exports.Logits(_directory["imported-out"]));
        Assert.Equal(Exports.Logits(source), Exports.Logits(_directory["direct-out"]));
    }

    [Fact]
    public async Task Its_optimizer_goes_along_unless_it_is_left_out_and_the_report_says_which()
    {
        string source = Repository.Fixture(Checkpoint);
        ExportPreview preview = await WeightExporter.PlanAsync(source, _directory["with"], Exports.NanoGpt());

        ExportResult with = await WeightExporter.ExportAsync(source, _directory["with"], Exports.NanoGpt());
        ExportResult without = await WeightExporter.ExportAsync(source, _directory["without"], new() { Format = ExportFormat.NanoGpt, KeepOptimizer = false });

        long optimizer = preview.BytesToWrite - preview.Plan.BytesToWrite;
        Assert.Equal(preview.Notes, with.Notes);
        Assert.Contains(with.Notes, note => note.Contains(FormattableString.Invariant($"goes along, {optimizer:N0} bytes"), StringComparison.Ordinal));
        Assert.Contains(without.Notes, note => note.StartsWith("No optimizer state is written", StringComparison.Ordinal));
        Assert.InRange(with.Files.Single().Size - without.Files.Single().Size, optimizer, optimizer + optimizer / 4);
        using var left = PyTorchCheckpoint.Open(_directory["without", "ckpt.pt"]);
        Assert.False(left.Header.TryFind("optimizer", out _));
        Assert.Equal(300, (int)left.ToJson("iter_num")!);

        // A second time round it is still there.
        await WeightExporter.ExportAsync(_directory["with"], _directory["again"], Exports.NanoGpt());
        using var original = PyTorchCheckpoint.Open(source);
        using var again = PyTorchCheckpoint.Open(_directory["again", "ckpt.pt"]);
        AssertSameOptimizer(original, again);
    }

    [Fact]
    public async Task An_optimizer_that_is_none_is_left_out_and_said()
    {
        string source = _directory["source", "ckpt.pt"];
        Directory.CreateDirectory(_directory["source"]);
        using (var original = PyTorchCheckpoint.Open(Repository.Fixture(Checkpoint)))
        {
            var root = new DictionaryValue();
            foreach (var (key, value) in (DictionaryValue)original.Header.Root)
            {
                root.Add(key, key is TextValue { Value: "optimizer" } ? "adam" : value);
            }

            PyTorchWriter.Write(source, root);
        }

        ExportResult result = await WeightExporter.ExportAsync(source, _directory["out"], Exports.NanoGpt());

        Assert.Contains(result.Notes, note => note.Contains("not built as torch.optim's", StringComparison.Ordinal));
        using var written = PyTorchCheckpoint.Open(_directory["out", "ckpt.pt"]);
        Assert.False(written.Header.TryFind("optimizer", out _));
    }

    [Fact]
    public async Task An_optimizer_that_shares_what_it_holds_is_counted_once()
    {
        // Forty lists, each holding the next twice: a million million values, if they were counted one by one.
        Directory.CreateDirectory(_directory["source"]);
        using (var original = PyTorchCheckpoint.Open(Repository.Fixture(Checkpoint)))
        {
            CheckpointValue bomb = PyTorchTensor.FromBytes(TorchDType.Float32, [3], new byte[12]);
            for (int i = 0; i < 40; i++)
            {
                bomb = SequenceValue.List(bomb, bomb);
            }

            var root = new DictionaryValue();
            foreach (var (key, value) in (DictionaryValue)original.Header.Root)
            {
                root.Add(key, key is not TextValue { Value: "optimizer" } ? value : new DictionaryValue
                {
                    { "state", new DictionaryValue { { 0L, new DictionaryValue { { "exp_avg", bomb } } } } }, { "param_groups", SequenceValue.List() },
                });
            }

            PyTorchWriter.Write(_directory["source", "ckpt.pt"], root);
        }

        ExportPreview preview = await WeightExporter.PlanAsync(_directory["source"], _directory["out"], Exports.NanoGpt());
        await WeightExporter.ExportAsync(_directory["source"], _directory["out"], Exports.NanoGpt());

        Assert.Equal(12, preview.BytesToWrite - preview.Plan.BytesToWrite);
        Assert.InRange(new FileInfo(_directory["out", "ckpt.pt"]).Length, 1, 1 << 20);
    }

    [Fact]
    public async Task From_nanoGPT_to_transformers_and_back_nothing_is_lost()
    {
        string source = Repository.Fixture(Checkpoint);

        ExportResult hf = await WeightExporter.ExportAsync(await Exports.ImportAsync(source, _directory), _directory["hf"]);
        ExportResult nano = await WeightExporter.ExportAsync(_directory["hf"], _directory["nano"], Exports.NanoGpt());

        // Conv1D, with biases that transformers cannot do without.
        Assert.Contains(hf.Notes, note => note.StartsWith("transformers has no GPT-2 without biases: 19 ", StringComparison.Ordinal));
        var written = Exports.Read(_directory["hf"]);
        Assert.Equal("40,120", written["transformer.h.0.attn.c_attn.weight"].Shape);
        Assert.Equal("120", written["transformer.h.0.attn.c_attn.bias"].Shape);
        Assert.DoesNotContain("lm_head.weight", written.Keys);
        var config = System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(_directory["hf", "config.json"])).RootElement;
        Assert.Equal(("gelu", "GPT2LMHeadModel", 64), (config.GetProperty("activation_function").GetString(), config.GetProperty("architectures")[0].GetString(), config.GetProperty("n_positions").GetInt32()));
        Assert.False(config.TryGetProperty("bias", out _));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, config.GetProperty("eos_token_id").ValueKind); // 65 characters have no <|endoftext|>

        float[] expected = Exports.Numbers(Exports.Logits(source)), actual = Exports.Numbers(Exports.Logits(_directory["hf"]));
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));

        using var original = PyTorchCheckpoint.Open(source);
        using var back = PyTorchCheckpoint.Open(_directory["nano", "ckpt.pt"]);
        Assert.DoesNotContain(nano.Notes, note => note.Contains("GELU", StringComparison.Ordinal));
        foreach (var tensor in original.StateDict.Tensors.Where(tensor => !tensor.Name!.EndsWith(".attn.bias", StringComparison.Ordinal)))
        {
            Assert.Equal(Bytes(original, tensor), Bytes(back, back.StateDict[tensor.Name!]));
        }

        var added = back.StateDict.Tensors.Where(tensor => !original.StateDict.Tensors.Any(known => known.Name == tensor.Name)).ToList();
        Assert.Equal(19, added.Count);
        Assert.All(added, tensor => Assert.All(Bytes(back, tensor), value => Assert.Equal(0, value)));
        Assert.True((bool)back.ToJson("model_args/bias")!);
    }

    [Fact]
    public async Task Its_characters_go_along_both_ways()
    {
        string source = _directory.CopyFixture("nanogpt-ckpt");
        File.Copy(Path.Combine(Repository.Fixture("tokenizer-char"), "meta.pkl"), Path.Combine(source, "meta.pkl"));

        ExportResult hf = await WeightExporter.ExportAsync(source, _directory["hf"]);
        ExportPreview preview = await WeightExporter.PlanAsync(_directory["hf"], _directory["nano"], Exports.NanoGpt());
        ExportResult nano = await WeightExporter.ExportAsync(_directory["hf"], _directory["nano"], Exports.NanoGpt());

        Assert.Contains(hf.Notes, note => note.StartsWith("meta.pkl", StringComparison.Ordinal));
        Assert.Equal(["ckpt.pt", "meta.pkl"], nano.Files.Select(file => file.Name));
        Assert.Equal(preview.Files, nano.Files.Select(file => file.Name));
        Assert.Equal(File.ReadAllBytes(Path.Combine(source, "meta.pkl")), File.ReadAllBytes(_directory["nano", "meta.pkl"]));
    }

    [Fact]
    public async Task Published_gpt2_says_what_nanoGPT_computes_otherwise()
    {
        ExportPreview preview = await WeightExporter.PlanAsync(Repository.Fixture("tiny-gpt2"), _directory["out"], Exports.NanoGpt());
        ExportResult result = await WeightExporter.ExportAsync(Repository.Fixture("tiny-gpt2"), _directory["out"], Exports.NanoGpt());

        Assert.Equal(preview.Notes, result.Notes);
        Assert.Contains(result.Notes, note => note.Contains("exact GELU", StringComparison.Ordinal) && note.Contains("gelu_new", StringComparison.Ordinal));
        Assert.Contains(result.Notes, note => note.Contains("sample.py", StringComparison.Ordinal));
        Assert.Equal(["ckpt.pt"], preview.Files);
        using var written = PyTorchCheckpoint.Open(_directory["out", "ckpt.pt"]);
        Assert.Equal(
            """{"n_layer":3,"n_head":4,"n_embd":48,"block_size":64,"bias":true,"dropout":0,"vocab_size":211}""", written.ToJson("model_args")!.ToJsonString());

        // The same bits under nanoGPT's configuration; the numbers differ as the two GELUs do.
        float[] expected = Exports.Numbers(Exports.Logits(Repository.Fixture("tiny-gpt2"))), actual = Exports.Numbers(Exports.Logits(_directory["out"]));
        Assert.InRange(expected.Zip(actual).Max(pair => Math.Abs(pair.First - pair.Second)), 1e-7f, 0.05f);
    }

    [Fact]
    public void A_training_hands_over_its_state()
    {
        using var model = GptModel.FromPretrained(Repository.Fixture(Checkpoint), new() { Device = CPU });
        byte[] moments = [.. Enumerable.Range(0, 65 * 40 * 4).Select(i => (byte)i)];
        var optimizer = new DictionaryValue
        {
            { "state", new DictionaryValue { { 0L, new DictionaryValue { { "exp_avg", PyTorchTensor.FromBytes(TorchDType.Float32, [65, 40], moments) } } } } },
            { "param_groups", SequenceValue.List() },
        };

        model.SavePretrained(_directory["out"], new()
        {
            Format = ExportFormat.NanoGpt,
            NanoGpt = new() { IterNum = 7, BestValLoss = 1.5f, Config = new() { { "dataset", "shakespeare_char" } }, Optimizer = optimizer },
        });

        using var written = PyTorchCheckpoint.Open(_directory["out", "ckpt.pt"]);
        Assert.Equal((7, 1.5f, "shakespeare_char"), ((int)written.ToJson("iter_num")!, (float)written.ToJson("best_val_loss")!, (string)written.ToJson("config/dataset")!));
        Assert.True(written.Header.TryFind("optimizer/state/0/exp_avg", out var value));
        Assert.Equal(moments, Bytes(written, (PyTorchTensor)value));
    }

    [Theory]
    [InlineData("tiny-llama", "computes GPT-2, and this is llama")]
    [InlineData("tiny-gpt-neox", "this is gpt_neox")]
    [InlineData("tiny-opt", "this is opt")]
    [InlineData("variant-relu", "activation is relu")]
    [InlineData("variant-n-inner", "n_inner is")]
    [InlineData("variant-untied", "a head of its own")]
    [InlineData("variant-scale-attn-weights-false", "scale_attn_weights is false")]
    [InlineData("variant-reorder-upcast-inverse", "scale_attn_by_inverse_layer_idx is true")]
    public async Task What_nanoGPT_cannot_compute_is_refused_with_what_to_do(string fixture, string problem)
    {
        var error = await Assert.ThrowsAsync<UnsupportedExportException>(() => WeightExporter.ExportAsync(Repository.Fixture(fixture), _directory["out"], Exports.NanoGpt()));

        Assert.Contains(error.Problems, text => text.Contains(problem, StringComparison.Ordinal));
        Assert.StartsWith("Export it with --to hf", error.Remedy, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_directory["out"]));
    }

    [Fact]
    public async Task Everything_that_nanoGPT_cannot_compute_is_said_at_once()
    {
        string source = _directory.CopyFixture("variant-untied");
        string config = Path.Combine(source, "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"gelu_new\"", "\"silu\"", StringComparison.Ordinal));

        var error = await Assert.ThrowsAsync<UnsupportedExportException>(() => WeightExporter.PlanAsync(source, _directory["out"], Exports.NanoGpt()));

        Assert.Equal(2, error.Problems.Count);
    }

    private static void AssertSameOptimizer(PyTorchCheckpoint original, PyTorchCheckpoint written)
    {
        Assert.Equal(original.ToJson("optimizer")!.ToJsonString(), written.ToJson("optimizer")!.ToJsonString());
        Assert.True(OptimizerState.TryRead(((DictionaryValue)original.Header.Root)["optimizer"], out var expected));
        Assert.True(OptimizerState.TryRead(((DictionaryValue)written.Header.Root)["optimizer"], out var actual));
        Assert.NotEmpty(expected.Parameters);
        foreach (long parameter in expected.Parameters)
        {
            foreach (string key in new[] { "step", "exp_avg", "exp_avg_sq" })
            {
                Assert.True(expected.TryGetTensor(parameter, key, out var before));
                Assert.True(actual.TryGetTensor(parameter, key, out var after));
                Assert.Equal(Bytes(original, before), Bytes(written, after));
            }
        }
    }

    // model_args in another order and with a whole number for 0.0 are the same.
    private static bool Fields(string one, string other) => System.Text.Json.Nodes.JsonNode.DeepEquals(
        System.Text.Json.Nodes.JsonNode.Parse(one), System.Text.Json.Nodes.JsonNode.Parse(other));

    private static byte[] Bytes(PyTorchCheckpoint file, PyTorchTensor tensor)
    {
        byte[] bytes = new byte[tensor.ByteCount];
        file.Read(tensor, bytes);
        return bytes;
    }
}
