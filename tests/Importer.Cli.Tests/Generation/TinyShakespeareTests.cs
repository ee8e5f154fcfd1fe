using System.Text.Json;
using Tests.Shared;

namespace Importer.Cli.Tests.Generation;

/// <summary>The model that the project ships says what the README promises.</summary>
public sealed class TinyShakespeareTests
{
    private static readonly string Model = Repository.Fixture("tiny-shakespeare");

    [Fact]
    public async Task It_answers_in_verse()
    {
        var outcome = await CommandLine.RunAsync("generate", Model, "--prompt", "ROMEO:", "--seed", "2", "--device", "cpu", "--quiet");

        Assert.Equal(ExitCode.Success, outcome.Code);
        Assert.InRange(outcome.Out.Trim().Length, 250, 310);
        Assert.Matches(@"\n[A-Z][A-Za-z ]+:\n[A-Z]", outcome.Out); // somebody else speaks
        Assert.Contains(outcome.Out.Split([' ', '\n', ',', '.', ';', '?', '!']), word => word is "thou" or "thee" or "thy" or "hath" or "my" or "shall");
    }

    [Fact]
    public async Task It_has_learned_what_it_was_taught()
    {
        using var directory = new TemporaryDirectory();
        string text = directory["text.txt"];
        File.WriteAllText(text, "First Citizen:\nBefore we proceed any further, hear me speak.\n\nAll:\nSpeak, speak.\n\nFirst Citizen:\nYou are all resolved rather to die than to famish?\n");

        var outcome = await CommandLine.RunAsync("eval", Model, text, "--window", "128", "--json", "--quiet");

        // 4.17 is what knowing nothing costs, the logarithm of 65.
        Assert.InRange(JsonDocument.Parse(outcome.Out).RootElement.GetProperty("loss").GetDouble(), 0.8, 1.7);
    }

    [Fact]
    public void It_is_small() =>
        Assert.InRange(Directory.GetFiles(Model).Sum(path => new FileInfo(path).Length), 1, 3_000_000);
}
