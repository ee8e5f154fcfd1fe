using System.Text.Json;
using Tests.Shared;

namespace Importer.Cli.Tests;

public sealed class MappingCommandTests : IDisposable
{
    private static readonly string Gpt2 = Path.Combine(Repository.Root, "mappings", "gpt2.json");

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task List_names_every_table_with_its_version_and_families()
    {
        var text = await CommandLine.RunAsync("mapping", "list");
        var json = JsonDocument.Parse((await CommandLine.RunAsync("mapping", "list", "--json")).Out).RootElement.GetProperty("mappings");

        Assert.Equal((ExitCode.Success, ""), (text.Code, text.Error));
        Assert.Equal(text.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length, json.GetArrayLength());
        var gpt2 = json.EnumerateArray().Single(mapping => mapping.GetProperty("family").GetString() == "gpt2");
        Assert.Equal(("1.0", "gpt2"), (gpt2.GetProperty("version").GetString(), gpt2.GetProperty("model_types")[0].GetString()));
    }

    [Fact]
    public async Task Check_proves_a_table_and_plans_a_model_with_it()
    {
        var text = await CommandLine.RunAsync("mapping", "check", Gpt2, "--against", Repository.Fixture("tiny-gpt2"));
        Assert.Equal((ExitCode.Success, ""), (text.Code, text.Error));
        Assert.Contains("is a valid table", text.Out, StringComparison.Ordinal);
        Assert.Contains("40 parameter tensors, 1 tied, 3 tensors dropped", text.Out, StringComparison.Ordinal);

        var json = await CommandLine.RunAsync("mapping", "check", Gpt2, "--against", Repository.Fixture("tiny-gpt2"), "--json");
        Assert.Equal(40, JsonDocument.Parse(json.Out).RootElement.GetProperty("against").GetProperty("tensors").GetInt32());

        var other = await CommandLine.RunAsync("mapping", "check", Gpt2, "--against", Repository.Fixture("tiny-llama"));
        Assert.Equal((ExitCode.Integrity, ""), (other.Code, other.Out));
        Assert.StartsWith("error: ", other.ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_that_is_no_file_is_called_what_it_is()
    {
        var outcome = await CommandLine.RunAsync("mapping", "check", _directory.Path);

        Assert.Equal((ExitCode.Integrity, ""), (outcome.Code, outcome.Out));
        Assert.Contains("is a directory, and a file is needed", outcome.ErrorLine, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_pipe_as_a_table_is_refused_and_not_waited_for()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "named pipes");
        using (var make = System.Diagnostics.Process.Start("mkfifo", [_directory["pipe.json"]]))
        {
            await make.WaitForExitAsync();
        }

        var outcome = await CommandLine.RunAsync("inspect", Repository.Fixture("tiny-gpt2"), "--mapping", _directory["pipe.json"]);

        Assert.Equal((ExitCode.Integrity, ""), (outcome.Code, outcome.Out));
        Assert.Contains("is a named pipe, and a file is needed", outcome.ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_lists_all_that_is_wrong_with_lines_and_columns()
    {
        string table = Path.Combine(_directory.Path, "bad.json");
        File.WriteAllText(table, File.ReadAllText(Gpt2).Replace("\"D 3*D\", \"t\"", "\"D 3*D\", \"u\"", StringComparison.Ordinal)
            .Replace("\"F D\", \"t\"", "\"F D\", \"split 0\"", StringComparison.Ordinal));

        var text = await CommandLine.RunAsync("mapping", "check", table);
        var json = await CommandLine.RunAsync("mapping", "check", table, "--json");
        var none = await CommandLine.RunAsync("mapping", "check", Path.Combine(_directory.Path, "none.json"));

        Assert.Equal((ExitCode.Integrity, ""), (text.Code, text.Error));
        Assert.Contains("bad.json(32,83): map[3][3]: the operation 'u' is unknown", text.Out, StringComparison.Ordinal);
        Assert.Contains("map[10][3]: 'split' says the dimension", text.Out, StringComparison.Ordinal);
        var problems = JsonDocument.Parse(json.Out).RootElement.GetProperty("problems");
        Assert.Equal((ExitCode.Integrity, 2, 32), (json.Code, problems.GetArrayLength(), problems[0].GetProperty("line").GetInt32()));
        Assert.Equal(ExitCode.NotFound, none.Code);
    }

    [Theory]
    [InlineData("h.1.attn.c_attn.weight", "loaded", 0)]
    [InlineData("transformer.h.1.attn.c_attn.weight", "loaded", 0)]
    [InlineData("lm_head.weight", "tied", 0)]
    [InlineData("h.0.attn.bias", "dropped", 0)]
    [InlineData("h.0.atn.bias", "unknown", 3)]
    public async Task Explain_says_where_a_name_goes_and_why(string name, string fate, int code)
    {
        var text = await CommandLine.RunAsync("mapping", "explain", Repository.Fixture("tiny-gpt2"), name);
        var json = await CommandLine.RunAsync("mapping", "explain", Repository.Fixture("tiny-gpt2"), name, "--json");

        Assert.Equal((code, ""), (text.Code, text.Error));
        Assert.StartsWith($"{name}: {fate}\n", text.Out, StringComparison.Ordinal);
        var document = JsonDocument.Parse(json.Out).RootElement;
        Assert.Equal(fate, document.GetProperty("fate").GetString());
        if (fate == "loaded")
        {
            Assert.Contains("line 32\n", text.Out, StringComparison.Ordinal);
            Assert.Equal("t", document.GetProperty("rows")[0].GetProperty("op").GetString());
            Assert.Contains("\"D 3*D\"", document.GetProperty("text").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_import_takes_a_table_of_the_users()
    {
        string table = Path.Combine(_directory.Path, "own.json");
        File.WriteAllText(table, File.ReadAllText(Gpt2).Replace("\"family\": \"gpt2\"", "\"family\": \"own\"", StringComparison.Ordinal));

        var outcome = await CommandLine.RunAsync(
            Repository.Fixture("tiny-gpt2"), "--out", Path.Combine(_directory.Path, "out"), "--mapping", table, "--json", "--quiet");

        Assert.Equal(ExitCode.Success, outcome.Code);
        Assert.Equal("own", JsonDocument.Parse(outcome.Out).RootElement.GetProperty("family").GetString());
    }
}
