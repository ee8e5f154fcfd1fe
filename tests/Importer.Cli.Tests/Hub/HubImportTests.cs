using System.Text.Json;
using HuggingFace.Hub.FakeHub;
using SafeTensorSharp;
using Tests.Shared;

namespace Importer.Cli.Tests.Hub;

/// <summary><c>import-weights ID --out DIR</c>.</summary>
public sealed class HubImportTests : HubCommandTest
{
    [Fact]
    public async Task An_id_becomes_an_imported_directory_that_knows_its_commit()
    {
        var repo = ServeTiny();

        var outcome = await Import();

        Assert.Equal(ExitCode.Success, outcome.Code);
        Assert.StartsWith("imported: ", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("downloaded model.safetensors", outcome.Error, StringComparison.Ordinal);
        using var manifest = JsonDocument.Parse(File.ReadAllBytes(Directory["weights", "gpt2", "manifest.json"]));
        var source = manifest.RootElement.GetProperty("source");
        Assert.Equal((Gpt2, repo.Refs["main"]), (source.GetProperty("id").GetString(), source.GetProperty("revision").GetString()));

        await CommandLine.RunAsync(Repository.Fixture("tiny-gpt2"), "--out", Directory["local"]);
        Assert.Equal(
            File.ReadAllBytes(Directory["local", "tiny-gpt2", "model.safetensors"]), File.ReadAllBytes(Directory["weights", "gpt2", "model.safetensors"]));
    }

    [Fact]
    public async Task Run_again_it_is_up_to_date_and_fetches_nothing()
    {
        ServeTiny();
        await Import();
        Server.ForgetRequests();

        var again = await Import();

        Assert.Equal(ExitCode.Success, again.Code);
        Assert.StartsWith("up to date: ", again.Out, StringComparison.Ordinal);
        Assert.Equal(0, Server.ContentBytes);
    }

    [Fact]
    public async Task A_new_commit_of_other_content_differs_until_forced()
    {
        var repo = ServeTiny();
        await Import();
        repo.Commit([.. Files(Repository.Fixture("tiny-gpt2-prefixed"))]);

        var differs = await Import();
        var forced = await Import(Gpt2, "--force");

        Assert.Equal(ExitCode.Integrity, differs.Code);
        Assert.Equal(ExitCode.Success, forced.Code);
        Assert.StartsWith("replaced: ", forced.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revision_is_taken()
    {
        var repo = ServeTiny();
        string old = repo.Refs["main"];
        repo.Commit([FakeFile.Text("config.json", "{}")]);

        Assert.Equal(ExitCode.Success, (await Import(Gpt2, "--revision", old)).Code);
        Assert.Equal(ExitCode.NotFound, (await Import(Gpt2, "--revision", "no-such-branch")).Code);
    }

    [Fact]
    public async Task Offline_takes_the_cache_and_makes_no_request()
    {
        ServeTiny();
        var empty = await Import(Gpt2, "--offline");
        Assert.Equal(ExitCode.Network, empty.Code);
        Assert.Empty(Server.Requests);
        await Import(Gpt2, "--name", "first");
        Server.ForgetRequests();

        var cached = await Import(Gpt2, "--offline");

        Assert.Equal(ExitCode.Success, cached.Code);
        Assert.Empty(Server.Requests);
    }

    [Fact]
    public async Task A_dry_run_offline_plans_what_is_in_the_cache()
    {
        ServeTiny();
        await Run("download", Gpt2);
        var online = await Import(Gpt2, "--dry-run");
        Server.ForgetRequests();

        var text = await Import(Gpt2, "--dry-run", "--offline");
        var json = await Import(Gpt2, "--dry-run", "--offline", "--json");
        var none = await Import("nobody/nothing", "--dry-run", "--offline");

        Assert.Equal((ExitCode.Success, online.Out, ""), (text.Code, text.Out, text.Error));
        Assert.Equal(98_112, JsonDocument.Parse(json.Out).RootElement.GetProperty("parameters").GetInt64());
        Assert.Equal(0, JsonDocument.Parse(json.Out).RootElement.GetProperty("bytes_to_download").GetInt64());
        Assert.Equal((ExitCode.Network, ""), (none.Code, none.Out));
        Assert.Empty(Server.Requests);
    }

    [Fact]
    public async Task A_dry_run_plans_the_download_and_the_import_from_the_headers()
    {
        ServeTiny();
        long header = SafeTensorHeader.Identify(Path.Combine(Repository.Fixture("tiny-gpt2"), "model.safetensors")).DataOffset;

        var first = await Import(Gpt2, "--dry-run");
        long bodies = Server.CdnRequests.Sum(request => request.ContentBytes);
        var asJson = await Import(Gpt2, "--dry-run", "--json");
        await Run("download", Gpt2);
        var second = await Import(Gpt2, "--dry-run");
        var secondJson = await Import(Gpt2, "--dry-run", "--json");

        Assert.Equal(header, bodies);
        Assert.Contains("model.safetensors", first.Out, StringComparison.Ordinal);
        Assert.Contains("download ", first.Out, StringComparison.Ordinal);
        Assert.Contains("transformer.wte.weight", first.Out, StringComparison.Ordinal);
        var document = JsonDocument.Parse(asJson.Out).RootElement;
        Assert.True(document.GetProperty("download").GetProperty("bytes_to_download").GetInt64() > 0);
        Assert.Equal(98_112, document.GetProperty("parameters").GetInt64());
        Assert.DoesNotContain("download ", second.Out, StringComparison.Ordinal);
        Assert.Contains("transformer.wte.weight", second.Out, StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, JsonDocument.Parse(secondJson.Out).RootElement.GetProperty("download").ValueKind);
        Assert.False(System.IO.Directory.Exists(Directory["weights"]));
    }

    [Fact]
    public async Task A_dry_run_says_before_the_download_that_the_weights_do_not_fit()
    {
        Server.Add(Gpt2, [.. Files(Repository.Fixture("tiny-gpt2")).Where(file => file.Path != "config.json"), FakeFile.Text("config.json", """{ "model_type": "llama" }""")]);

        var outcome = await Import(Gpt2, "--dry-run");

        Assert.Equal(ExitCode.Integrity, outcome.Code);
        Assert.False(System.IO.Directory.Exists(Cache));
    }

    [Fact]
    public async Task A_local_directory_gets_plain_files()
    {
        ServeTiny();

        var outcome = await Import(Gpt2, "--local-dir", Directory["here"]);

        Assert.Equal(ExitCode.Success, outcome.Code);
        string weights = Directory["here", "model.safetensors"];
        Assert.Null(new FileInfo(weights).LinkTarget);
        Assert.Equal(File.ReadAllBytes(Path.Combine(Repository.Fixture("tiny-gpt2"), "model.safetensors")), File.ReadAllBytes(weights));
    }

    [Fact]
    public async Task Gpt2s_true_shape_goes_all_the_way()
    {
        // 548 MB with mask tensors, and data that begins at byte 14,291.
        string checkpoint = GeneratedCheckpoint.For("gpt2");
        Server.Add(Gpt2, Files(checkpoint));

        var outcome = await Import(Gpt2, "--json");

        Assert.Equal(ExitCode.Success, outcome.Code);
        Assert.Equal("imported", JsonDocument.Parse(outcome.Out).RootElement.GetProperty("outcome").GetString());
        var source = SafeTensorHeader.Identify(Path.Combine(checkpoint, "model.safetensors"));
        Assert.Equal(GeneratedCheckpoint.PublishedHeaderLength + 8, source.DataOffset);
        var header = SafeTensorHeader.Identify(Directory["weights", "gpt2", "model.safetensors"]);
        Assert.Equal(148, header.Tensors.Count);
        Assert.Equal(4 * 124_439_808L, header.Tensors.Sum(tensor => tensor.ByteCount));
        Assert.Equal(new FileInfo(Path.Combine(checkpoint, "model.safetensors")).Length, Server.CdnRequests.Sum(request => request.ContentBytes));
    }
}
