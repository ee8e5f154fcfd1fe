using System.Text.Json;
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
            ["name", "dtype", "shape", "elements", "bytes", "file", "offset", "layer", "fate", "parameters", "op", "converted_to", "reason", "statistics"],
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
