using System.Text.Json;
using Tests.Shared;

namespace Importer.Cli.Tests.Hub;

/// <summary><c>import-weights cache ls|verify|rm|prune</c>.</summary>
public sealed class CacheCommandTests : HubCommandTest
{
    private Task<Outcome> CacheRun(params string[] args) => CommandLine.RunAsync(["cache", .. args, "--cache-dir", Cache]);

    private async Task<string> Fill()
    {
        var repo = ServeTiny();
        Assert.Equal(ExitCode.Success, (await Run("download", Gpt2)).Code);
        return repo.Refs["main"];
    }

    [Fact]
    public async Task A_cache_that_is_not_there_is_empty()
    {
        var outcome = await CacheRun("ls");

        Assert.Equal(ExitCode.Success, outcome.Code);
        Assert.Contains("0 models", outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Models_are_listed_with_their_revisions()
    {
        string commit = await Fill();

        var text = await CacheRun("ls");
        var json = JsonDocument.Parse((await CacheRun("ls", "--json")).Out).RootElement;

        Assert.Contains(Gpt2, text.Out, StringComparison.Ordinal);
        Assert.Contains(commit, text.Out, StringComparison.Ordinal);
        Assert.Equal(commit, json.GetProperty("models")[0].GetProperty("revisions")[0].GetProperty("commit").GetString());
    }

    [Fact]
    public async Task Verify_finds_a_flipped_bit()
    {
        await Fill();
        Assert.Equal(ExitCode.Success, (await CacheRun("verify")).Code);
        string blob = System.IO.Directory.GetFiles(Path.Combine(Cache, "models--openai-community--gpt2", "blobs")).MaxBy(path => new FileInfo(path).Length)!;
        byte[] bytes = File.ReadAllBytes(blob);
        bytes[^1] ^= 1;
        File.WriteAllBytes(blob, bytes);

        var outcome = await CacheRun("verify", Gpt2);

        Assert.Equal(ExitCode.Integrity, outcome.Code);
        Assert.Contains(Path.GetFileName(blob), outcome.Out, StringComparison.Ordinal);
        Assert.Contains("cache rm", outcome.ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_is_removed_after_a_dry_run_that_removes_nothing()
    {
        await Fill();

        var dry = await CacheRun("rm", Gpt2, "--dry-run");
        Assert.StartsWith("would remove", dry.Out.Split('\n')[^2], StringComparison.Ordinal);
        Assert.Contains("1 model,", (await CacheRun("ls")).Out, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Success, (await CacheRun("rm", Gpt2)).Code);

        Assert.Contains("0 models", (await CacheRun("ls")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_in_the_cache_cannot_be_removed()
    {
        await Fill();

        Assert.Equal(ExitCode.NotFound, (await CacheRun("rm", "nobody/nothing")).Code);
        Assert.Equal(ExitCode.NotFound, (await CacheRun("rm", Gpt2, "--revision", "nowhere")).Code);
    }

    [Fact]
    public async Task Prune_removes_what_no_branch_points_to()
    {
        string old = await Fill();
        var repo = Server.Repos[Gpt2];
        string now = repo.Commit([.. Files(Repository.Fixture("tiny-gpt2-prefixed"))]);
        await Run("download", Gpt2);

        var outcome = await CacheRun("prune");

        Assert.Contains(old, outcome.Out, StringComparison.Ordinal);
        string listing = (await CacheRun("ls")).Out;
        Assert.Contains(now, listing, StringComparison.Ordinal);
        Assert.DoesNotContain(old, listing, StringComparison.Ordinal);
    }
}
