using System.Text.Json;
using SafeTensorSharp;
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

    [Theory]
    [InlineData("hf", "h.*.attn.c_attn.weight", "model.safetensors")]
    [InlineData("nanogpt", "transformer.h.*.attn.c_attn.weight", "ckpt.pt")]
    public async Task A_dry_run_plans_the_download_and_the_export_from_the_headers(string format, string key, string file)
    {
        ServeTiny();
        long header = SafeTensorHeader.Identify(Path.Combine(Repository.Fixture("tiny-gpt2"), "model.safetensors")).DataOffset;

        var first = await Run("export", Gpt2, "--to", format, "--out", Directory["out"], "--dry-run");
        long bodies = Server.CdnRequests.Sum(request => request.ContentBytes);
        var firstJson = await Run("export", Gpt2, "--to", format, "--out", Directory["out"], "--dry-run", "--json");
        Assert.False(System.IO.Directory.Exists(Cache));
        await Run("download", Gpt2);
        var second = await Run("export", Gpt2, "--to", format, "--out", Directory["out"], "--dry-run");
        var secondJson = await Run("export", Gpt2, "--to", format, "--out", Directory["out"], "--dry-run", "--json");

        Assert.Equal((ExitCode.Success, "", header), (first.Code, first.Error, bodies));
        Assert.Contains("download ", first.Out, StringComparison.Ordinal);
        Assert.Contains(key, first.Out, StringComparison.Ordinal);
        Assert.Contains(file, first.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("download ", second.Out, StringComparison.Ordinal);
        Assert.EndsWith(second.Out[second.Out.IndexOf("\nformat ", StringComparison.Ordinal)..], first.Out, StringComparison.Ordinal); // but for the source's name
        JsonElement before = JsonDocument.Parse(firstJson.Out).RootElement, after = JsonDocument.Parse(secondJson.Out).RootElement;
        Assert.True(before.GetProperty("download").GetProperty("bytes_to_download").GetInt64() > 0);
        Assert.Equal((0, JsonValueKind.Null), (after.GetProperty("bytes_to_download").GetInt64(), after.GetProperty("download").ValueKind));
        foreach (string field in new[] { "files", "tensors", "notes", "parameters", "bytes_to_write" })
        {
            Assert.Equal(after.GetProperty(field).GetRawText(), before.GetProperty(field).GetRawText());
        }
    }

    [Fact]
    public async Task A_dry_run_says_before_the_download_what_the_format_cannot_express()
    {
        Server.Add(Gpt2, [.. Files(Repository.Fixture("tiny-llama"))]);

        var outcome = await Run("export", Gpt2, "--to", "nanogpt", "--out", Directory["out"], "--dry-run");

        Assert.Equal(ExitCode.Failure, outcome.Code);
        Assert.Contains("llama", outcome.ErrorLine, StringComparison.Ordinal);
        Assert.False(System.IO.Directory.Exists(Cache));
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
