using Importer.Conversion;
using Importer.Mapping;
using Importer.Models.Gpt;
using Tests.Shared;
using static TorchSharp.torch;

namespace Importer.Tests.Loading;

/// <summary>A table that a user wrote, for keys that no table of the library knows.</summary>
public sealed class OwnMappingTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Loads_and_imports_keys_that_the_library_does_not_know()
    {
        string source = Renamed(), table = Table();
        Assert.Throws<CheckpointMismatchException>(() => GptModel.FromPretrained(source, new() { Device = CPU }));

        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var original = GptModel.FromPretrained(Repository.Fixture("tiny-gpt2"), new() { Device = CPU });
        var ids = arange(0, 12, int64).view(1, 12);
        var logits = original.call(ids);

        using var model = GptModel.FromPretrained(source, new() { Device = CPU, MappingFile = table });
        Assert.Equal("own", model.LoadReport!.Mapping);
        Assert.True(logits.allclose(model.call(ids), rtol: 0, atol: 0));

        ImportResult result = await WeightImporter.ImportAsync(source, Path.Combine(_directory.Path, "out"), new ImportOptions { MappingFile = table });
        Assert.Equal("own", result.Manifest.Mapping.Family);
        Assert.Contains(result.Manifest.Files, file => file.Name == "mapping.json");

        // The imported directory has its table with it.
        using var again = GptModel.FromPretrained(result.Directory, new() { Device = CPU });
        Assert.True(logits.allclose(again.call(ids), rtol: 0, atol: 0));
        Assert.Equal("own (imported)", again.LoadReport!.Mapping);
    }

    [Fact]
    public async Task An_import_by_another_table_of_the_same_name_is_not_up_to_date()
    {
        string source = Renamed(), table = Table(), output = Path.Combine(_directory.Path, "out");
        ImportOptions options = new() { MappingFile = table };
        await WeightImporter.ImportAsync(source, output, options);
        Assert.Equal(ImportOutcome.UpToDate, (await WeightImporter.ImportAsync(source, output, options)).Outcome);

        File.AppendAllText(table, "// changed\n");
        ImportDiffersException exception = await Assert.ThrowsAsync<ImportDiffersException>(() => WeightImporter.ImportAsync(source, output, options));
        Assert.Contains("another mapping of the same name", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_table_is_refused_with_file_line_and_column()
    {
        string table = Path.Combine(_directory.Path, "broken.json");
        File.WriteAllText(table, "{\n  \"schema\": \"llmap/1\",\n  \"family\": 7\n}");

        MappingTableException exception = Assert.Throws<MappingTableException>(
            () => GptModel.FromPretrained(Repository.Fixture("tiny-gpt2"), new() { Device = CPU, MappingFile = table }));

        Assert.Contains("broken.json(3,13): family: a string should be here", exception.Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => GptModel.FromPretrained(
            Repository.Fixture("tiny-gpt2"), new() { Device = CPU, MappingFile = Path.Combine(_directory.Path, "none.json") }));
    }

    /// <summary>tiny-gpt2, its blocks under another name.</summary>
    private string Renamed()
    {
        string path = Path.Combine(_directory.Path, "renamed");
        Directory.CreateDirectory(path);
        File.Copy(Path.Combine(Repository.Fixture("tiny-gpt2"), "config.json"), Path.Combine(path, "config.json"));
        using var file = SafeTensorSharp.SafeTensorFile.Open(Path.Combine(Repository.Fixture("tiny-gpt2"), "model.safetensors"));
        SafeTensorSharp.SafeTensorWriter.Write(
            Path.Combine(path, "model.safetensors"),
            file.Header.Tensors.Select(tensor => SafeTensorSharp.SafeTensorEntry.FromFile(
                file, tensor, tensor.Name.Replace("h.", "block.", StringComparison.Ordinal))));
        return path;
    }

    private string Table()
    {
        string path = Path.Combine(_directory.Path, "own.json");
        string text = File.ReadAllText(Path.Combine(Repository.Root, "mappings", "gpt2.json"));
        text = text.Replace("\"family\": \"gpt2\"", "\"family\": \"own\"", StringComparison.Ordinal)
            .Replace("[\"h.{i}", "[\"block.{i}", StringComparison.Ordinal)
            .Replace("\"key\": \"h.{i}", "\"key\": \"block.{i}", StringComparison.Ordinal)
            .Replace("\"h.0.attn", "\"block.0.attn", StringComparison.Ordinal);
        File.WriteAllText(path, text);
        return path;
    }
}
