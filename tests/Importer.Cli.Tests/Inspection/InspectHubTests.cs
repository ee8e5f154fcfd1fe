using System.Text.Json;
using HuggingFace.Hub.FakeHub;
using Importer.Cli.Tests.Hub;
using SafeTensorSharp;
using Tests.Shared;

namespace Importer.Cli.Tests.Inspection;

/// <summary><c>import-weights inspect ID</c>: the hub serves headers and nothing else.</summary>
public sealed class InspectHubTests : HubCommandTest
{
    private static readonly string Fixture = Repository.Fixture("tiny-gpt2");

    [Fact]
    public async Task Only_headers_are_served()
    {
        var repo = ServeTiny();

        var outcome = await Run("inspect", Gpt2);

        long header = SafeTensorHeader.Identify(Path.Combine(Fixture, "model.safetensors")).DataOffset;
        Assert.Equal((ExitCode.Success, ""), (outcome.Code, outcome.Error));
        Assert.StartsWith($"{Gpt2} at {repo.Refs["main"]}", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("98,112 parameters", outcome.Out, StringComparison.Ordinal);
        Assert.Equal(header, Server.CdnRequests.Sum(request => request.ContentBytes));
        Assert.False(System.IO.Directory.Exists(Cache));
    }

    [Fact]
    public async Task A_revision_is_taken()
    {
        var repo = ServeTiny();
        string old = repo.Refs["main"];
        repo.Commit([FakeFile.Text("config.json", "{}")]);

        Assert.Equal(ExitCode.Success, (await Run("inspect", Gpt2, "--revision", old, "--json")).Code);
        Assert.Equal(ExitCode.NotFound, (await Run("inspect", Gpt2)).Code);
        Assert.Equal(ExitCode.NotFound, (await Run("inspect", Gpt2, "--revision", "none")).Code);
    }

    [Fact]
    public async Task Offline_takes_the_cache()
    {
        ServeTiny();
        var empty = await Run("inspect", Gpt2, "--offline");
        await Run("download", Gpt2);
        Server.ForgetRequests();

        var cached = await Run("inspect", Gpt2, "--offline", "--json");

        Assert.Equal((ExitCode.Network, ExitCode.Success), (empty.Code, cached.Code));
        Assert.Empty(Server.Requests);
        Assert.Equal(Gpt2, JsonDocument.Parse(cached.Out).RootElement.GetProperty("source").GetString());
    }

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:248dfc39\nsize 548105171\n", "Git LFS")]
    [InlineData("<!DOCTYPE html><html></html>", "HTML")]
    [InlineData("", "fewer than the 8")]
    public async Task A_broken_file_on_the_hub_is_one_line(string content, string mention)
    {
        Server.Add(Gpt2, [
            .. Files(Fixture).Where(file => !file.IsLfs),
            new FakeFile("model.safetensors", System.Text.Encoding.UTF8.GetBytes(content), isLfs: true),
        ]);

        var outcome = await Run("inspect", Gpt2);

        Assert.Equal((ExitCode.Integrity, ""), (outcome.Code, outcome.Out));
        Assert.Contains(mention, outcome.ErrorLine, StringComparison.Ordinal);
    }
}
