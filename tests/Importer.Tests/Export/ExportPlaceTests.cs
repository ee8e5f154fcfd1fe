using Importer.Export;
using Tests.Shared;

namespace Importer.Tests.Export;

/// <summary>What stands where an export is to be made, and what becomes of it.</summary>
public sealed class ExportPlaceTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(ExportFormat.Transformers)]
    [InlineData(ExportFormat.NanoGpt)]
    public async Task An_earlier_export_is_replaced_only_by_force(ExportFormat format)
    {
        await Export(format);
        var error = await Assert.ThrowsAsync<ExportPlaceTakenException>(() => Export(format));
        Assert.Contains("--force", error.Remedy, StringComparison.Ordinal);
        Assert.Equal("it holds an earlier export", error.Finding);

        Assert.Equal(ExportOutcome.Replaced, (await Export(format, force: true)).Outcome);
        Assert.Equal([_directory["out"]], Directory.GetFileSystemEntries(_directory.Path));
    }

    [Theory]
    [InlineData("notes.txt")]
    [InlineData("model-00001-of-2.safetensors")]
    [InlineData(".hidden")]
    public async Task A_file_of_ones_own_is_never_lost(string name)
    {
        await Export(ExportFormat.Transformers);
        File.WriteAllText(_directory["out", name], "the only copy");

        var error = await Assert.ThrowsAsync<ExportPlaceTakenException>(() => Export(ExportFormat.Transformers, force: true));

        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.Equal("the only copy", File.ReadAllText(_directory["out", name]));
        Assert.True(File.Exists(_directory["out", "model.safetensors"]));
    }

    [Theory]
    [InlineData("tiny-gpt2-bin")] // pytorch_model.bin is no name of ours
    [InlineData("tiny-gpt2")]
    [InlineData("tiny-gpt2-sharded")]
    [InlineData("nanogpt-ckpt")]
    public async Task A_model_that_no_export_made_is_never_replaced(string fixture)
    {
        string own = _directory.CopyFixture(fixture, "out");
        foreach (string extra in new[] { "README.md", "expected.safetensors" })
        {
            File.Delete(Path.Combine(own, extra));
        }

        string[] before = [.. Directory.GetFiles(own).Order(StringComparer.Ordinal)];
        await Assert.ThrowsAsync<ExportPlaceTakenException>(() => Export(ExportFormat.Transformers, force: true));

        Assert.Equal(before, Directory.GetFiles(own).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("not a header")]
    public async Task Weights_that_cannot_be_read_are_nobodys_export(string content)
    {
        Directory.CreateDirectory(_directory["out"]);
        File.WriteAllText(_directory["out", "model.safetensors"], content);
        File.WriteAllText(_directory["out", "ckpt.pt"], content);

        await Assert.ThrowsAsync<ExportPlaceTakenException>(() => Export(ExportFormat.Transformers, force: true));

        Assert.Equal(content, File.ReadAllText(_directory["out", "model.safetensors"]));
    }

    [Fact]
    public async Task A_file_a_directory_within_or_a_link_to_nothing_take_the_place()
    {
        File.WriteAllText(_directory["out"], "x");
        Assert.Equal("it is a file", (await Assert.ThrowsAsync<ExportPlaceTakenException>(() => Export(ExportFormat.Transformers))).Finding);
        File.Delete(_directory["out"]);

        Directory.CreateDirectory(_directory["out", "model.safetensors"]);
        await Assert.ThrowsAsync<ExportPlaceTakenException>(() => Export(ExportFormat.Transformers, force: true));
        Directory.Delete(_directory["out"], recursive: true);

        Directory.CreateSymbolicLink(_directory["out"], _directory["nowhere"]);
        Assert.Contains("symbolic link", (await Assert.ThrowsAsync<ExportPlaceTakenException>(() => Export(ExportFormat.Transformers))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_empty_directory_is_filled_and_a_link_stays()
    {
        Directory.CreateDirectory(_directory["real"]);
        Directory.CreateSymbolicLink(_directory["out"], _directory["real"]);

        ExportResult result = await Export(ExportFormat.Transformers);

        Assert.Equal((ExportOutcome.Exported, _directory["out"]), (result.Outcome, result.Directory));
        Assert.NotNull(new DirectoryInfo(_directory["out"]).LinkTarget);
        Assert.True(File.Exists(_directory["real", "model.safetensors"]));
    }

    [Fact]
    public async Task The_source_itself_is_no_place()
    {
        await Export(ExportFormat.Transformers);
        Directory.CreateSymbolicLink(_directory["alias"], _directory["out"]);

        foreach (string source in new[] { _directory["out"], _directory["out", "model.safetensors"], _directory["alias"] })
        {
            var error = await Assert.ThrowsAsync<ExportPlaceTakenException>(() => WeightExporter.ExportAsync(source, _directory["out"], new() { Force = true }));
            Assert.Contains("the source itself", error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("out/ckpt.pt")]
    [InlineData("model.safetensors")]
    public async Task The_name_of_a_file_is_wrong_usage(string name) =>
        await Assert.ThrowsAsync<ArgumentException>(() => WeightExporter.ExportAsync(Repository.Fixture("tiny-gpt2"), _directory[name]));

    [Fact]
    public async Task Without_a_place_it_is_named_after_the_source()
    {
        ExportPreview hf = await WeightExporter.PlanAsync(Repository.Fixture("tiny-gpt2"));
        ExportPreview nano = await WeightExporter.PlanAsync(Repository.Fixture("nanogpt-ckpt/ckpt.pt"), options: Exports.NanoGpt());

        Assert.Equal(Path.GetFullPath("tiny-gpt2-hf"), hf.Target);
        Assert.Equal(Path.GetFullPath("nanogpt-ckpt-nanogpt"), nano.Target);
    }

    [Fact]
    public async Task Two_at_once_give_one_result()
    {
        var exports = Enumerable.Range(0, 4).Select(_ => Export(ExportFormat.Transformers)).ToArray();
        try
        {
            await Task.WhenAll(exports);
        }
        catch (ExportPlaceTakenException)
        {
            // Those that came later found the first one's.
        }

        _ = Assert.Single(exports, export => export.IsCompletedSuccessfully);
        Assert.Equal([_directory["out"]], Directory.GetFileSystemEntries(_directory.Path));
        Assert.Equal(Exports.Logits(Repository.Fixture("tiny-gpt2")), Exports.Logits(_directory["out"]));
    }

    private Task<ExportResult> Export(ExportFormat format, bool force = false) =>
        WeightExporter.ExportAsync(Repository.Fixture("tiny-gpt2"), _directory["out"], new() { Format = format, Force = force });
}
