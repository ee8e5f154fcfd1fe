using System.Text.Json;
using Tests.Shared;

namespace Importer.Cli.Tests.Inspection;

/// <summary><c>import-weights verify</c>.</summary>
public sealed class VerifyCommandTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private async Task<string> Import()
    {
        await CommandLine.RunAsync(Repository.Fixture("tiny-gpt2"), "--out", _directory.Path, "--quiet");
        return _directory["tiny-gpt2"];
    }

    [Fact]
    public async Task A_whole_import_is_one_line_and_0()
    {
        var outcome = await CommandLine.RunAsync("verify", await Import());

        Assert.Equal((ExitCode.Success, ""), (outcome.Code, outcome.Error));
        Assert.Contains("40 tensors; 0 problems", Assert.Single(outcome.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.StartsWith("import ", outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_problem_is_a_line_and_the_code_is_5()
    {
        string import = await Import();
        File.AppendAllText(Path.Combine(import, "config.json"), " ");
        byte[] weights = File.ReadAllBytes(Path.Combine(import, "model.safetensors"));
        weights[^1] ^= 1;
        File.WriteAllBytes(Path.Combine(import, "model.safetensors"), weights);

        var outcome = await CommandLine.RunAsync("verify", import);

        string[] lines = outcome.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal((ExitCode.Integrity, "", 3), (outcome.Code, outcome.Error, lines.Length));
        Assert.Single(lines, line => line.StartsWith("size: config.json: ", StringComparison.Ordinal));
        Assert.Single(lines, line => line.StartsWith("content: model.safetensors: its hash is ", StringComparison.Ordinal));
        Assert.Contains("2 problems", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_has_stable_fields()
    {
        string import = await Import();
        File.Delete(Path.Combine(import, "config.json"));

        var outcome = await CommandLine.RunAsync("verify", import, "--json");

        var document = JsonDocument.Parse(outcome.Out).RootElement;
        Assert.Equal(["directory", "kind", "intact", "files", "bytes_hashed", "tensors", "problems", "notes"], document.EnumerateObject().Select(field => field.Name));
        Assert.Equal(["kind", "file", "message"], document.GetProperty("problems")[0].EnumerateObject().Select(field => field.Name));
        Assert.Equal(("missing", "config.json"), (document.GetProperty("problems")[0].GetProperty("kind").GetString(), document.GetProperty("problems")[0].GetProperty("file").GetString()));
    }

    [Fact]
    public async Task A_name_cannot_control_the_terminal()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        string import = await Import();
        File.WriteAllText(Path.Combine(import, "evil\u001b[2J"), "");

        var outcome = await CommandLine.RunAsync("verify", import);

        Assert.Equal(ExitCode.Success, outcome.Code);
        Assert.DoesNotContain('\u001b', outcome.Out);
        Assert.Contains("\\u001b[2J", outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_there_is_3()
    {
        var outcome = await CommandLine.RunAsync("verify", _directory["none"]);

        Assert.Equal(ExitCode.NotFound, outcome.Code);
        Assert.Contains("none", outcome.ErrorLine, StringComparison.Ordinal);
    }
}
