using System.Text;
using System.Text.Json;
using Importer.Cli.Tests.Hub;
using Tests.Shared;

namespace Importer.Cli.Tests.Inspection;

/// <summary><c>import-weights diff</c>.</summary>
public sealed class DiffCommandTests : HubCommandTest
{
    private static readonly string Fixture = Repository.Fixture("tiny-gpt2");

    private string Changed()
    {
        string copy = Directory.CopyFixture("tiny-gpt2", "changed"), weights = Path.Combine(copy, "model.safetensors");
        byte[] bytes = File.ReadAllBytes(weights);
        BitConverter.TryWriteBytes(bytes.AsSpan(bytes.Length - 4), 0.5f);
        File.WriteAllBytes(weights, bytes);
        return copy;
    }

    [Fact]
    public async Task The_same_is_0()
    {
        var outcome = await CommandLine.RunAsync("diff", Fixture, Fixture);

        Assert.Equal((ExitCode.Success, ""), (outcome.Code, outcome.Error));
        Assert.EndsWith("same: 43 of 43 tensors that both have are the same, bit for bit\n", outcome.Out.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Different_is_6_and_says_where()
    {
        var outcome = await CommandLine.RunAsync("diff", Fixture, Changed());

        Assert.Equal((ExitCode.Different, 6, ""), (outcome.Code, ExitCode.Different, outcome.Error));
        Assert.Contains("different: 42 of 43 tensors", outcome.Out, StringComparison.Ordinal);
        Assert.Matches(@"wte\.weight +F32 \[211, 48\] +F32 \[211, 48\] +1 +10,128 .* \[210, 47\] .* 0\.5", outcome.Out);
    }

    [Fact]
    public async Task A_tolerance_lets_it_pass()
    {
        string changed = Changed();

        Assert.Equal(ExitCode.Success, (await CommandLine.RunAsync("diff", Fixture, changed, "--tolerance", "2")).Code);
        Assert.Equal(ExitCode.Different, (await CommandLine.RunAsync("diff", Fixture, changed, "--tolerance", "1e-9")).Code);
        Assert.Equal(ExitCode.Usage, (await CommandLine.RunAsync("diff", Fixture, changed, "--tolerance", "-1")).Code);
    }

    [Fact]
    public async Task Json_has_stable_fields()
    {
        var outcome = await CommandLine.RunAsync("diff", Fixture, Changed(), "--json");

        var document = JsonDocument.Parse(outcome.Out).RootElement;
        Assert.Equal(ExitCode.Different, outcome.Code);
        Assert.Equal(
            [
                "a", "b", "same", "naming", "tolerance", "config", "only_in_a", "only_in_b", "tensors_compared", "tensors_same", "different",
                "broken_ties", "notes",
            ],
            document.EnumerateObject().Select(field => field.Name));
        var tensor = document.GetProperty("different")[0];
        Assert.Equal(
            [
                "name", "what", "a", "b", "elements", "different_bits", "different_values", "beyond_tolerance", "largest_difference", "largest_at",
                "value_a", "value_b", "nan_a", "nan_b",
            ],
            tensor.EnumerateObject().Select(field => field.Name));
        Assert.Equal(("values", 0.5), (tensor.GetProperty("what").GetString(), tensor.GetProperty("value_b").GetDouble()));
    }

    [Fact]
    public async Task Infinity_is_a_text_in_json()
    {
        string copy = Changed(), weights = Path.Combine(copy, "model.safetensors");
        byte[] bytes = File.ReadAllBytes(weights);
        BitConverter.TryWriteBytes(bytes.AsSpan(bytes.Length - 4), float.NaN);
        File.WriteAllBytes(weights, bytes);

        var outcome = await CommandLine.RunAsync("diff", Fixture, copy, "--json");

        var tensor = JsonDocument.Parse(outcome.Out).RootElement.GetProperty("different")[0];
        Assert.Equal(("Infinity", "NaN", 1), (tensor.GetProperty("largest_difference").GetString(), tensor.GetProperty("value_b").GetString(), tensor.GetProperty("nan_b").GetInt32()));
    }

    [Fact]
    public async Task An_import_equals_its_source_unless_raw()
    {
        await CommandLine.RunAsync(Fixture, "--out", Directory["weights"], "--quiet");

        var mapped = await CommandLine.RunAsync("diff", Fixture, Directory["weights", "tiny-gpt2"]);
        var raw = await CommandLine.RunAsync("diff", Fixture, Directory["weights", "tiny-gpt2"], "--raw");

        Assert.Equal((ExitCode.Success, ExitCode.Different), (mapped.Code, raw.Code));
        Assert.Contains("by      the model's parameters", mapped.Out, StringComparison.Ordinal);
        Assert.Contains("only B  transformer.", raw.Out, StringComparison.Ordinal);
    }

    // The fixture under other keys, and the table that says which.
    private (string Model, string Table) Renamed()
    {
        string model = Directory.CopyFixture("tiny-gpt2", "renamed"), weights = Path.Combine(model, "model.safetensors");
        byte[] bytes = File.ReadAllBytes(weights);
        int header = BitConverter.ToInt32(bytes);
        string text = Encoding.UTF8.GetString(bytes, 8, header).Replace("\"wte.weight\"", "\"tok.weight\"", StringComparison.Ordinal);
        Encoding.UTF8.GetBytes(text).CopyTo(bytes.AsSpan(8, header)); // of the same length
        File.WriteAllBytes(weights, bytes);
        string table = Directory["renamed.json"];
        File.WriteAllText(table, File.ReadAllText(Path.Combine(Repository.Root, "mappings", "gpt2.json"))
            .Replace("\"family\": \"gpt2\"", "\"family\": \"renamed\"", StringComparison.Ordinal)
            .Replace("[\"wte.weight\"", "[\"tok.weight\"", StringComparison.Ordinal));
        return (model, table);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_table_of_ones_own_reads_the_checkpoint_that_it_fits(bool first)
    {
        var (model, table) = Renamed();
        string[] sides = first ? [model, Fixture] : [Fixture, model];

        var without = await CommandLine.RunAsync(["diff", .. sides]);
        var with = await CommandLine.RunAsync(["diff", .. sides, "--mapping", table]);

        Assert.Equal(ExitCode.Different, without.Code);
        Assert.Contains("tok.weight", without.Out, StringComparison.Ordinal);
        Assert.Equal((ExitCode.Success, ""), (with.Code, with.Error));
        Assert.Contains("by      the model's parameters", with.Out, StringComparison.Ordinal);
        Assert.Contains($"The mapping table does not fit {Fixture}, which was read by its own: ", with.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_of_ones_own_reads_an_import_that_was_made_with_it()
    {
        var (model, table) = Renamed();
        await CommandLine.RunAsync(model, "--out", Directory["weights"], "--mapping", table, "--quiet");

        var outcome = await CommandLine.RunAsync("diff", model, Directory["weights", "renamed"], "--mapping", table);

        Assert.Equal((ExitCode.Success, ""), (outcome.Code, outcome.Error));
        Assert.DoesNotContain("does not fit", outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_that_fits_neither_is_refused_as_an_import_refuses_it()
    {
        var outcome = await CommandLine.RunAsync("diff", Fixture, Fixture, "--mapping", Renamed().Table);

        Assert.Equal((ExitCode.Integrity, ""), (outcome.Code, outcome.Out));
        Assert.Contains("tok.weight", outcome.ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stored_names_and_a_table_are_not_both_asked_for()
    {
        var outcome = await CommandLine.RunAsync("diff", Fixture, Fixture, "--raw", "--mapping", Renamed().Table);

        Assert.Equal(ExitCode.Usage, outcome.Code);
        Assert.Contains("--raw", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_on_the_hub_is_fetched_and_compared()
    {
        ServeTiny();

        var outcome = await Run("diff", Gpt2, Fixture);

        Assert.Equal(ExitCode.Success, outcome.Code);
        Assert.Contains("downloaded model.safetensors", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quiet_says_it_by_the_exit_code_alone()
    {
        var outcome = await CommandLine.RunAsync("diff", Fixture, Changed(), "--quiet");

        Assert.Equal((ExitCode.Different, "", ""), (outcome.Code, outcome.Out, outcome.Error));
    }
}
