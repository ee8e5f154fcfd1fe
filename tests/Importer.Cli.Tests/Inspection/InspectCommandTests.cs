using System.Text.Json;
using PyTorchCheckpoints;
using SafeTensorSharp;
using Tests.Shared;

namespace Importer.Cli.Tests.Inspection;

/// <summary><c>import-weights inspect</c>.</summary>
public sealed class InspectCommandTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Shows_configuration_groups_tensors_and_fates()
    {
        var outcome = await CommandLine.RunAsync("inspect", Repository.Fixture("tiny-gpt2"));

        Assert.Equal((ExitCode.Success, ""), (outcome.Code, outcome.Error));
        foreach (string part in new[]
        {
            "GptModel, 98,112 parameters in 43 tensors", "mapping   gpt2 1.0, prefix ''", "n_embd: 48", "F32", "100.0 %", "each of 3",
            "transformer.h.*.attn.c_attn.weight (t)", "x 3", "tied       lm_head.weight is transformer.wte.weight", "dropped    h.*.attn.bias (3 tensors",
        })
        {
            Assert.Contains(part, outcome.Out, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Statistics_are_shown_for_each_tensor()
    {
        var outcome = await CommandLine.RunAsync("inspect", Repository.Fixture("tiny-gpt2"), "--stats");

        Assert.Equal(ExitCode.Success, outcome.Code);
        Assert.Matches(@"h\.0\.attn\.bias +F32 +\[1, 1, 64, 64\] +16\.4 kB +dropped +0 +1 +0\.50781 +0\.49994 +0 +0\n", outcome.Out.ReplaceLineEndings("\n"));
    }

    [Theory]
    [InlineData("x.safetensors")]
    [InlineData("x.pt")]
    public async Task A_boolean_that_is_neither_0_nor_1_is_told_and_the_rest_is_measured(string name)
    {
        string path = _directory[name];
        if (name.EndsWith(".pt", StringComparison.Ordinal))
        {
            PyTorchWriter.WriteStateDict(path,
            [
                new("flags", PyTorchTensor.FromBytes(TorchDType.Bool, [3], new byte[] { 0, 2, 1 })),
                new("rest", PyTorchTensor.FromBytes(TorchDType.UInt8, [2], new byte[] { 3, 5 })),
            ]);
        }
        else
        {
            SafeTensorWriter.Write(path,
            [
                SafeTensorEntry.FromBytes("flags", DType.Bool, [3], new byte[] { 0, 2, 1 }),
                SafeTensorEntry.FromBytes("rest", DType.U8, [2], new byte[] { 3, 5 }),
            ]);
        }

        var headers = await CommandLine.RunAsync("inspect", path);
        var text = await CommandLine.RunAsync("inspect", path, "--stats");
        var json = await CommandLine.RunAsync("inspect", path, "--stats", "--json", "--html", _directory["page.html"]);

        Assert.Equal(ExitCode.Success, headers.Code);
        Assert.DoesNotContain("damaged", headers.Out, StringComparison.Ordinal);
        Assert.Equal((ExitCode.Integrity, ""), (text.Code, text.Error));
        Assert.Matches(@"\n  damaged   flags: .*\b2\b.*\n", text.Out.ReplaceLineEndings("\n"));
        Assert.Matches(@"\nrest +U8 +\[2\] +2 B +3 +5 +4 +1 +0 +0\n", text.Out.ReplaceLineEndings("\n"));
        Assert.Equal(ExitCode.Integrity, json.Code);
        var tensors = JsonDocument.Parse(json.Out).RootElement.GetProperty("tensors");
        var flags = tensors.EnumerateArray().Single(tensor => tensor.GetProperty("name").GetString() == "flags");
        var rest = tensors.EnumerateArray().Single(tensor => tensor.GetProperty("name").GetString() == "rest");
        Assert.Equal(JsonValueKind.Null, flags.GetProperty("statistics").ValueKind);
        Assert.Contains("flags", flags.GetProperty("problem").GetString(), StringComparison.Ordinal);
        Assert.Equal((4, JsonValueKind.Null), (rest.GetProperty("statistics").GetProperty("mean").GetDouble(), rest.GetProperty("problem").ValueKind));
        Assert.True(File.Exists(_directory["page.html"]));
    }

    [Fact]
    public async Task Json_has_stable_fields()
    {
        var outcome = await CommandLine.RunAsync("inspect", Repository.Fixture("tiny-gpt2"), "--json", "--stats");

        var document = JsonDocument.Parse(outcome.Out).RootElement;
        Assert.Equal(
            [
                "source", "commit", "container", "files", "bytes_of_headers", "metadata", "config", "config_source", "model_class", "mapping", "loads",
                "parameters", "bytes", "dtypes", "layers", "tied", "dropped", "problems", "warnings", "tensors",
            ],
            document.EnumerateObject().Select(field => field.Name));
        var tensor = document.GetProperty("tensors")[0];
        Assert.Equal(
            ["name", "dtype", "shape", "elements", "bytes", "file", "offset", "layer", "fate", "parameters", "op", "converted_to", "reason", "statistics", "problem"],
            tensor.EnumerateObject().Select(field => field.Name));
        Assert.Equal(
            ["count", "min", "max", "mean", "std", "zeros", "nan", "positive_infinity", "negative_infinity", "histogram"],
            tensor.GetProperty("statistics").EnumerateObject().Select(field => field.Name));
        Assert.True(document.GetProperty("loads").GetBoolean());
    }

    [Fact]
    public async Task A_page_is_written_beside_the_text()
    {
        var outcome = await CommandLine.RunAsync("inspect", Repository.Fixture("tiny-llama"), "--html", _directory["page.html"]);

        Assert.Equal(ExitCode.Success, outcome.Code);
        Assert.Contains("LlamaModel", outcome.Out, StringComparison.Ordinal);
        Assert.StartsWith("<!DOCTYPE html>", File.ReadAllText(_directory["page.html"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_that_cannot_be_written_is_one_line()
    {
        var outcome = await CommandLine.RunAsync("inspect", Repository.Fixture("tiny-gpt2"), "--html", _directory["none", "page.html"]);

        Assert.Equal(ExitCode.NotFound, outcome.Code);
        Assert.Contains("none", outcome.ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_does_not_fit_is_shown_and_is_no_failure()
    {
        string copy = _directory.CopyFixture("tiny-gpt2");
        string config = Path.Combine(copy, "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"n_layer\": 3", "\"n_layer\": 4", StringComparison.Ordinal));

        var outcome = await CommandLine.RunAsync("inspect", copy);

        Assert.Equal((ExitCode.Success, ""), (outcome.Code, outcome.Error));
        Assert.Contains("  problem   ", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("n_layer", outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_of_ones_own_is_taken()
    {
        string table = _directory["own.json"];
        File.WriteAllText(table, File.ReadAllText(Path.Combine(Repository.Root, "mappings", "gpt2.json")).Replace("\"family\": \"gpt2\"", "\"family\": \"own\"", StringComparison.Ordinal));

        var outcome = await CommandLine.RunAsync("inspect", Repository.Fixture("tiny-gpt2"), "--mapping", table);

        Assert.Contains("mapping   own 1.0", outcome.Out, StringComparison.Ordinal);
    }
}
