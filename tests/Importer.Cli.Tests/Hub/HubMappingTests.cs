using SafeTensorSharp;
using Tests.Shared;

namespace Importer.Cli.Tests.Hub;

/// <summary><c>import-weights mapping explain ID</c> and <c>check --against ID</c>: headers are enough.</summary>
public sealed class HubMappingTests : HubCommandTest
{
    [Fact]
    public async Task A_tensor_of_a_model_on_the_hub_is_explained_from_its_header()
    {
        ServeTiny();

        var outcome = await Run("mapping", "explain", Gpt2, "h.0.attn.c_attn.weight");

        Assert.Equal((ExitCode.Success, ""), (outcome.Code, outcome.Error));
        Assert.Contains("transformer.h.0.attn.c_attn.weight", outcome.Out, StringComparison.Ordinal);
        AssertOnlyTheHeader();
    }

    [Fact]
    public async Task A_table_is_checked_against_a_model_on_the_hub_by_its_header()
    {
        ServeTiny();

        var outcome = await Run("mapping", "check", Path.Combine(Repository.Root, "mappings", "gpt2.json"), "--against", Gpt2);

        Assert.Equal((ExitCode.Success, ""), (outcome.Code, outcome.Error));
        Assert.Contains("40 parameter tensors, 1 tied, 3 tensors dropped", outcome.Out, StringComparison.Ordinal);
        AssertOnlyTheHeader();
    }

    [Fact]
    public async Task Offline_the_cache_is_enough()
    {
        ServeTiny();
        await Run("download", Gpt2);
        Server.ForgetRequests();

        var outcome = await Run("mapping", "explain", Gpt2, "wte.weight", "--offline");

        Assert.Equal((ExitCode.Success, ""), (outcome.Code, outcome.Error));
        Assert.Empty(Server.Requests);
    }

    private void AssertOnlyTheHeader()
    {
        long header = SafeTensorHeader.Identify(Path.Combine(Repository.Fixture("tiny-gpt2"), "model.safetensors")).DataOffset;
        Assert.Equal(header, Server.CdnRequests.Sum(request => request.ContentBytes));
        Assert.False(System.IO.Directory.Exists(Cache));
    }
}
