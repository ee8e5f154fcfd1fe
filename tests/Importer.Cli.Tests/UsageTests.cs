using Tests.Shared;

namespace Importer.Cli.Tests;

public sealed class UsageTests
{
    [Fact]
    public async Task Help_shows_the_ways_to_call_it_and_the_exit_codes()
    {
        var outcome = await CommandLine.RunAsync("--help");

        Assert.Equal((ExitCode.Success, ""), (outcome.Code, outcome.Error));
        foreach (string text in new[] { "SOURCE", "--out", "--dtype", "--dry-run", "--force", "--json", "--quiet", "130 cancelled" })
        {
            Assert.Contains(text, outcome.Out, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("<SOURCE> [command] [options]")]
    [InlineData("export <SOURCE> [options]", "export")]
    [InlineData("inspect <SOURCE> [options]", "inspect")]
    [InlineData("diff <A> <B> [options]", "diff")]
    [InlineData("mapping [command] [options]", "mapping")]
    [InlineData("mapping explain <SOURCE> <NAME> [options]", "mapping", "explain")]
    [InlineData("cache rm <ID> [options]", "cache", "rm")]
    public async Task Help_of_a_command_has_its_own_arguments_and_no_others(string usage, params string[] command)
    {
        var outcome = await CommandLine.RunAsync([.. command, "--help"]);

        Assert.Equal((ExitCode.Success, ""), (outcome.Code, outcome.Error));
        string[] lines = [.. outcome.Out.Split('\n').Select(line => line.Trim())];
        string program = Path.GetFileNameWithoutExtension(Environment.GetCommandLineArgs()[0]);
        Assert.Contains($"{program} {usage}", lines);
        Assert.Equal(command.Length > 0 && !usage.Contains("SOURCE", StringComparison.Ordinal) ? 0 : 1, lines.Count(line => line.StartsWith("<SOURCE>", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData]
    [InlineData("fixtures/tiny-gpt2")]
    [InlineData("a", "--out")]
    [InlineData("a", "b", "--out", "c")]
    [InlineData("a", "--out", "b", "--no-such-option")]
    [InlineData("a", "--out", "b", "--dtype", "int8")]
    [InlineData("a", "--out", "b", "--dtype")]
    public async Task Wrong_usage_is_said_with_code_2(params string[] args)
    {
        var outcome = await CommandLine.RunAsync(args);

        Assert.Equal((ExitCode.Usage, ""), (outcome.Code, outcome.Out));
        Assert.StartsWith("error: ", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("--help", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SOURCE is empty", "", "--out", "weights")]
    [InlineData("--out is empty", "gpt2", "--out", " ")]
    [InlineData("FILE is empty", "eval", "gpt2", "")]
    [InlineData("--local-dir is empty", "download", "gpt2", "--local-dir", "")]
    public async Task A_name_of_nothing_is_said_by_the_name_of_its_place(string expected, params string[] args)
    {
        var outcome = await CommandLine.RunAsync(args);

        Assert.Equal((ExitCode.Usage, ""), (outcome.Code, outcome.Out));
        Assert.StartsWith($"error: {expected}", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData(".hidden")]
    [InlineData("a*")]
    [InlineData("a\nb")]
    public async Task A_name_that_is_a_path_is_wrong_usage(string name)
    {
        using var directory = new TemporaryDirectory();
        var outcome = await CommandLine.RunAsync(Repository.Fixture("tiny-gpt2"), "--out", directory["weights"], "--name", name);

        Assert.Equal(ExitCode.Usage, outcome.Code);
        Assert.False(Directory.Exists(directory["weights"]));
    }

    [Fact]
    public async Task The_doctor_names_torch_blas_threads_and_devices()
    {
        var text = await CommandLine.RunAsync("doctor");
        Assert.Equal((ExitCode.Success, ""), (text.Code, text.Error));
        Assert.All(["torch ", "blas ", "threads ", "devices "], word => Assert.Contains(word, text.Out, StringComparison.Ordinal));

        var json = System.Text.Json.JsonDocument.Parse((await CommandLine.RunAsync("doctor", "--json")).Out).RootElement;
        Assert.True(json.GetProperty("threads").GetInt32() >= 1);
        Assert.Equal("cpu", json.GetProperty("devices")[0].GetString());
    }
}
