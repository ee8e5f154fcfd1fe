using Tests.Shared;

namespace Importer.Cli.Tests.Hub;

/// <summary><c>import-weights export ID</c>.</summary>
public sealed class HubExportTests : HubCommandTest
{
    [Fact]
    public async Task An_id_is_fetched_and_exported()
    {
        ServeTiny();
        var plan = await Run("export", Gpt2, "--to", "hf", "--out", Directory["out"], "--dry-run");
        Assert.Contains("download ", plan.Out, StringComparison.Ordinal);

        var outcome = await Run("export", Gpt2, "--to", "hf", "--out", Directory["out"], "--dtype", "bf16");

        Assert.Equal(ExitCode.Success, outcome.Code);
        Assert.StartsWith("exported: ", outcome.Out, StringComparison.Ordinal);
        await CommandLine.RunAsync("export", Repository.Fixture("tiny-gpt2"), "--to", "hf", "--out", Directory["local"], "--dtype", "bf16");
        Assert.Equal(File.ReadAllBytes(Directory["local", "model.safetensors"]), File.ReadAllBytes(Directory["out", "model.safetensors"]));

        // Now it is here, and the plan is that of the tensors.
        plan = await Run("export", Gpt2, "--to", "hf", "--out", Directory["out"], "--dry-run");
        Assert.Contains("h.*.attn.c_attn.weight", plan.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_offline_plans_what_is_in_the_cache()
    {
        ServeTiny();
        await Run("download", Gpt2);
        Server.ForgetRequests();

        var cached = await Run("export", Gpt2, "--to", "nanogpt", "--dry-run", "--offline");
        var none = await Run("export", "nobody/nothing", "--to", "nanogpt", "--dry-run", "--offline");

        Assert.Equal((ExitCode.Success, ""), (cached.Code, cached.Error));
        Assert.Contains("transformer.h.*.attn.c_attn.weight", cached.Out, StringComparison.Ordinal);
        Assert.Equal((ExitCode.Network, ""), (none.Code, none.Out));
        Assert.Empty(Server.Requests);
    }

    [Fact]
    public async Task An_id_that_the_hub_does_not_know_is_not_found()
    {
        var outcome = await Run("export", "nobody/nothing", "--to", "hf", "--out", Directory["out"]);

        Assert.Equal(ExitCode.NotFound, outcome.Code);
        Assert.False(System.IO.Directory.Exists(Directory["out"]));
    }
}
