using System.Text.Json;
using SafeTensorSharp;
using Tests.Shared;

namespace Importer.Cli.Tests;

public sealed class ImportCommandTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private Task<Outcome> Import(string source, params string[] more) =>
        CommandLine.RunAsync([source, "--out", _directory["weights"], .. more]);

    [Fact]
    public async Task A_directory_becomes_an_imported_one()
    {
        var outcome = await Import(Repository.Fixture("tiny-gpt2"));

        Assert.Equal((ExitCode.Success, ""), (outcome.Code, outcome.Error));
        Assert.StartsWith("imported: ", outcome.Out, StringComparison.Ordinal);
        Assert.Contains("PretrainedModel.FromPretrained", outcome.Out, StringComparison.Ordinal);
        Assert.Equal(
            ["config.json", "generation_config.json", "manifest.json", "model.safetensors"],
            Directory.GetFiles(_directory["weights", "tiny-gpt2"]).Select(Path.GetFileName).Order());
        Assert.Equal(["tiny-gpt2"], Directory.GetFileSystemEntries(_directory["weights"]).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("tiny-llama-sharded-f16", "llama")]
    [InlineData("tiny-mistral", "llama")]
    [InlineData("tiny-qwen2-tied", "qwen2")]
    [InlineData("tiny-minimind-qwen3", "qwen3")]
    [InlineData("tiny-minimind/values.safetensors", "minimind")]
    [InlineData("tiny-minimind-v1/values.safetensors", "minimind-old")]
    [InlineData("tiny-gpt-neo-buffers", "gpt-neo")]
    [InlineData("tiny-gpt-neox-seq", "gpt-neox")]
    [InlineData("tiny-opt", "opt")]
    [InlineData("tiny-opt-350m-style", "opt")]
    public async Task Every_family_can_be_imported(string source, string family)
    {
        var outcome = await Import(Repository.Fixture(source));

        Assert.Equal((ExitCode.Success, ""), (outcome.Code, outcome.Error));
        Assert.Contains($"model     {family}, ", outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_again_it_says_that_all_is_up_to_date_and_writes_nothing()
    {
        await Import(Repository.Fixture("tiny-gpt2"));
        string weights = _directory["weights", "tiny-gpt2", "model.safetensors"];
        File.SetLastWriteTimeUtc(weights, DateTime.UnixEpoch);

        var again = await Import(Repository.Fixture("tiny-gpt2"));

        Assert.Equal(ExitCode.Success, again.Code);
        Assert.StartsWith("up to date: ", again.Out, StringComparison.Ordinal);
        Assert.Equal(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(weights));
    }

    [Fact]
    public async Task What_a_kill_left_beside_a_finished_import_goes_when_it_is_found_up_to_date()
    {
        await Import(Repository.Fixture("tiny-gpt2"));
        string[] left = [_directory["weights", $".tiny-gpt2.importing-{Guid.NewGuid():N}"], _directory["weights", $".tiny-gpt2.replaced-{Guid.NewGuid():N}"]];
        foreach (string directory in left)
        {
            Directory.CreateDirectory(directory);
            File.WriteAllText(Path.Combine(directory, "model.safetensors"), "half");
        }

        // Not while somebody may be at work there.
        using (new FileStream(_directory["weights", ".tiny-gpt2.lock"], FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            Assert.StartsWith("up to date: ", (await Import(Repository.Fixture("tiny-gpt2"))).Out, StringComparison.Ordinal);
            Assert.All(left, directory => Assert.True(Directory.Exists(directory)));
        }

        Assert.StartsWith("up to date: ", (await Import(Repository.Fixture("tiny-gpt2"))).Out, StringComparison.Ordinal);
        Assert.Equal([_directory["weights", "tiny-gpt2"]], Directory.GetFileSystemEntries(_directory["weights"]));
    }

    [Theory]
    [InlineData("model.safetensors", "flip")]
    [InlineData("model.safetensors", "cut")]
    [InlineData("model.safetensors", "delete")]
    [InlineData("config.json", "flip")]
    [InlineData("config.json", "delete")]
    public async Task Damage_is_repaired(string name, string damage)
    {
        await Import(Repository.Fixture("tiny-gpt2"));
        string path = _directory["weights", "tiny-gpt2", name];
        byte[] good = File.ReadAllBytes(path);
        switch (damage)
        {
            case "flip":
                byte[] bad = [.. good];
                bad[^5] ^= 1;
                File.WriteAllBytes(path, bad);
                break;
            case "cut":
                File.WriteAllBytes(path, good[..^3]);
                break;
            default:
                File.Delete(path);
                break;
        }

        var again = await Import(Repository.Fixture("tiny-gpt2"));

        Assert.Equal(ExitCode.Success, again.Code);
        Assert.StartsWith("repaired: ", again.Out, StringComparison.Ordinal);
        Assert.Contains(name, again.Out, StringComparison.Ordinal);
        Assert.Equal(good, File.ReadAllBytes(path));
    }

    [Fact]
    public async Task Another_dtype_differs_and_is_left_alone_until_forced()
    {
        await Import(Repository.Fixture("tiny-gpt2"));
        string weights = _directory["weights", "tiny-gpt2", "model.safetensors"];
        byte[] before = File.ReadAllBytes(weights);

        var refused = await Import(Repository.Fixture("tiny-gpt2"), "--dtype", "bf16");
        Assert.Equal(ExitCode.Integrity, refused.Code);
        Assert.Contains("differs: ", refused.ErrorLine, StringComparison.Ordinal);
        Assert.Contains("BF16", refused.ErrorLine, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(weights));

        var forced = await Import(Repository.Fixture("tiny-gpt2"), "--dtype", "bf16", "--force");
        Assert.Equal(ExitCode.Success, forced.Code);
        Assert.StartsWith("replaced: ", forced.Out, StringComparison.Ordinal);
        Assert.All(SafeTensorHeader.Identify(weights).Tensors, tensor => Assert.Equal(DType.BF16, tensor.DType));
    }

    [Fact]
    public async Task Without_its_manifest_it_is_left_alone_until_forced()
    {
        await Import(Repository.Fixture("tiny-gpt2"), "--name", "x");
        File.Delete(_directory["weights", "x", "manifest.json"]);
        byte[] before = File.ReadAllBytes(_directory["weights", "x", "model.safetensors"]);

        var refused = await Import(Repository.Fixture("variant-relu"), "--name", "x");
        Assert.Equal(ExitCode.Integrity, refused.Code);
        Assert.Equal(before, File.ReadAllBytes(_directory["weights", "x", "model.safetensors"]));

        Assert.Equal(ExitCode.Success, (await Import(Repository.Fixture("variant-relu"), "--name", "x", "--force")).Code);
    }

    [Theory]
    [InlineData]
    [InlineData("--force", "--dtype", "bf16")]
    public async Task A_file_of_ones_own_in_an_import_is_never_lost(params string[] more)
    {
        await Import(Repository.Fixture("tiny-gpt2"));
        string notes = _directory["weights", "tiny-gpt2", "notes.txt"];
        File.WriteAllText(notes, "the only copy");
        File.Delete(_directory["weights", "tiny-gpt2", "config.json"]);

        var outcome = await Import(Repository.Fixture("tiny-gpt2"), more);

        Assert.Equal(ExitCode.Integrity, outcome.Code);
        Assert.Contains("notes.txt", outcome.ErrorLine, StringComparison.Ordinal);
        Assert.Equal("the only copy", File.ReadAllText(notes));
    }

    [Theory]
    [InlineData("deleted", "missing")]
    [InlineData("[]", "damaged")]
    [InlineData("<html>", "HTML")]
    [InlineData("{\"format\":\"import-manifest/2\"}", "newer version")]
    public async Task With_its_manifest_lost_other_files_are_still_not_lost(string manifest, string mention)
    {
        await Import(Repository.Fixture("tiny-gpt2"), "--name", "x");
        string path = _directory["weights", "x", "manifest.json"];
        File.Delete(path);
        if (manifest != "deleted")
        {
            File.WriteAllText(path, manifest);
        }

        var refused = await Import(Repository.Fixture("variant-relu"), "--name", "x");
        Assert.Equal(ExitCode.Integrity, refused.Code);
        Assert.Contains(mention, refused.ErrorLine, StringComparison.Ordinal);

        string notes = _directory["weights", "x", "notes.txt"], folder = _directory["weights", "x", "vocab.json"];
        File.WriteAllText(notes, "the only copy");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "a"), "the only copy");
        var forced = await Import(Repository.Fixture("variant-relu"), "--name", "x", "--force");
        Assert.Equal(ExitCode.Integrity, forced.Code);
        Assert.Contains("notes.txt, vocab.json, which no import made", forced.ErrorLine, StringComparison.Ordinal);
        Assert.Equal("the only copy", File.ReadAllText(notes));

        File.Delete(notes);
        Directory.Delete(folder, recursive: true);
        Assert.Equal(ExitCode.Success, (await Import(Repository.Fixture("variant-relu"), "--name", "x", "--force")).Code);
        Assert.StartsWith("up to date: ", (await Import(Repository.Fixture("variant-relu"), "--name", "x")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_manifest_that_lists_nothing_does_not_make_it_up_to_date()
    {
        await Import(Repository.Fixture("tiny-gpt2"));
        string path = _directory["weights", "tiny-gpt2", "manifest.json"];
        var json = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(path))!;
        var generation = json["files"]!.AsArray().Single(file => (string?)file!["name"] == "generation_config.json");
        json["files"]!.AsArray().Remove(generation);
        File.WriteAllText(path, json.ToJsonString());

        var unlisted = await Import(Repository.Fixture("tiny-gpt2"));
        Assert.StartsWith("repaired: ", unlisted.Out, StringComparison.Ordinal);
        Assert.Contains("did not list generation_config.json", unlisted.Out, StringComparison.Ordinal);

        json["files"]!.AsArray().Clear();
        File.WriteAllText(path, json.ToJsonString());
        var empty = await Import(Repository.Fixture("tiny-gpt2"));
        Assert.Equal(ExitCode.Integrity, empty.Code);
        Assert.Contains("damaged", empty.ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Through_a_link_the_directory_it_points_to_is_replaced_and_the_link_stays()
    {
        await CommandLine.RunAsync(Repository.Fixture("tiny-gpt2"), "--out", _directory["disk"]);
        Directory.CreateDirectory(_directory["weights"]);
        string link = _directory["weights", "tiny-gpt2"], real = _directory["disk", "tiny-gpt2"];
        File.CreateSymbolicLink(link, real);

        Assert.StartsWith("up to date: ", (await Import(Repository.Fixture("tiny-gpt2"))).Out, StringComparison.Ordinal);
        Assert.StartsWith("replaced: ", (await Import(Repository.Fixture("tiny-gpt2"), "--dtype", "f16", "--force")).Out, StringComparison.Ordinal);

        Assert.Equal(real, new DirectoryInfo(link).LinkTarget);
        Assert.All(SafeTensorHeader.Identify(Path.Combine(real, "model.safetensors")).Tensors, tensor => Assert.Equal(DType.F16, tensor.DType));
        Assert.Equal([real], Directory.GetFileSystemEntries(_directory["disk"]));
        Assert.Equal([link], Directory.GetFileSystemEntries(_directory["weights"]));

        Directory.Delete(real, recursive: true);
        var dangling = await Import(Repository.Fixture("tiny-gpt2"));
        Assert.Equal(ExitCode.Integrity, dangling.Code);
        Assert.Contains("symbolic link", dangling.ErrorLine, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("n", 255)]
    [InlineData("ñ", 127)]
    public async Task The_longest_name_is_taken(string letter, int count)
    {
        string name = string.Concat(Enumerable.Repeat(letter, count));
        Assert.Equal(ExitCode.Success, (await Import(Repository.Fixture("tiny-gpt2"), "--name", name)).Code);
        Assert.Equal([_directory["weights", name]], Directory.GetFileSystemEntries(_directory["weights"]));

        Assert.Equal(ExitCode.Usage, (await Import(Repository.Fixture("tiny-gpt2"), "--name", name + letter)).Code);
    }

    [Fact]
    public async Task A_changed_source_differs()
    {
        string source = _directory.CopyFixture("tiny-gpt2");
        await Import(source);
        string weights = Path.Combine(source, "model.safetensors");
        byte[] bytes = File.ReadAllBytes(weights);
        bytes[^1] ^= 1;
        File.WriteAllBytes(weights, bytes);

        var outcome = await Import(source);

        Assert.Equal(ExitCode.Integrity, outcome.Code);
        Assert.Contains("model.safetensors has changed", outcome.ErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_that_no_import_made_is_never_replaced()
    {
        string foreign = _directory["weights", "tiny-gpt2"];
        Directory.CreateDirectory(foreign);
        File.WriteAllText(Path.Combine(foreign, "thesis.txt"), "the only copy");

        var outcome = await Import(Repository.Fixture("tiny-gpt2"), "--force");

        Assert.Equal(ExitCode.Integrity, outcome.Code);
        Assert.Contains("no import made", outcome.ErrorLine, StringComparison.Ordinal);
        Assert.Equal("the only copy", File.ReadAllText(Path.Combine(foreign, "thesis.txt")));
    }

    [Fact]
    public async Task The_source_itself_is_never_the_target()
    {
        string source = _directory.CopyFixture("tiny-gpt2");

        var outcome = await CommandLine.RunAsync(source, "--out", _directory.Path);

        Assert.Equal(ExitCode.Integrity, outcome.Code);
        Assert.Equal(File.ReadAllBytes(Path.Combine(Repository.Fixture("tiny-gpt2"), "model.safetensors")), File.ReadAllBytes(Path.Combine(source, "model.safetensors")));
    }

    [Theory]
    [InlineData("tiny-gpt2")]
    [InlineData("tiny-gpt2-sharded")]
    [InlineData("variant-untied")]
    public async Task A_dry_run_prints_the_plan_and_writes_nothing(string name)
    {
        var outcome = await Import(Repository.Fixture(name), "--dry-run");

        Assert.Equal((ExitCode.Success, ""), (outcome.Code, outcome.Error));
        Assert.Contains("transformer.h.*.attn.c_attn.weight", outcome.Out, StringComparison.Ordinal);
        foreach (string line in new[] { "read ", "skip ", "write ", "memory " })
        {
            Assert.Contains("\n" + line, outcome.Out, StringComparison.Ordinal);
        }

        Assert.False(Directory.Exists(_directory["weights"]));
    }

    [Fact]
    public async Task Json_is_one_document_on_standard_output()
    {
        var dry = await Import(Repository.Fixture("tiny-gpt2"), "--dry-run", "--json");
        var plan = JsonDocument.Parse(dry.Out).RootElement;
        Assert.Equal(40, plan.GetProperty("tensors").GetArrayLength());
        Assert.Equal(3, plan.GetProperty("dropped").GetArrayLength());

        var outcome = await Import(Repository.Fixture("tiny-gpt2"), "--json");
        var result = JsonDocument.Parse(outcome.Out).RootElement;
        Assert.Equal("imported", result.GetProperty("outcome").GetString());
        Assert.Equal(40, result.GetProperty("tensors").GetInt32());
        Assert.Equal("", outcome.Error);
    }

    [Fact]
    public async Task Quiet_prints_nothing()
    {
        var outcome = await Import(Repository.Fixture("tiny-gpt2"), "--quiet");
        Assert.Equal(new Outcome(ExitCode.Success, "", ""), outcome);
    }

    [Fact]
    public async Task A_name_of_ones_own_is_taken()
    {
        await Import(Repository.Fixture("tiny-gpt2"), "--name", "mine");
        Assert.True(File.Exists(_directory["weights", "mine", "manifest.json"]));
    }
}
