using System.Text.Json;
using Importer.Mapping;
using Importer.Mapping.Operations;
using Importer.Sources;
using SafeTensorSharp;
using Tests.Shared;

namespace Importer.Tests.Mapping;

/// <summary>Every GPT-2 checkpoint among the fixtures, from its real headers.</summary>
public sealed class GoldenPlanTests
{
    private static readonly IReadOnlyList<string> Names =
    [
        .. Directory.EnumerateDirectories(Path.Combine(Repository.Root, "fixtures"))
            .Select(path => Path.GetFileName(path)!)
            .Where(name => (name.StartsWith("tiny-gpt2", StringComparison.Ordinal) || name.StartsWith("variant-", StringComparison.Ordinal))
                && File.Exists(Path.Combine(Repository.Fixture(name), "config.json"))
                && Directory.EnumerateFiles(Repository.Fixture(name), "model*.safetensors").Any())
            .Order(StringComparer.Ordinal),
    ];

    public static TheoryData<string> Checkpoints => [.. Names];

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void Every_tensor_of_a_golden_checkpoint_has_its_place(string name)
    {
        using JsonDocument config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Repository.Fixture(name), "config.json")));
        ModelConfigValues values = ModelConfigValues.From(config.RootElement);
        List<SourceTensor> tensors = Headers(name);

        LoadPlan plan = MappingCatalog.BuiltIn.Find(values, tensors).Compile(values, tensors);

        int layers = config.RootElement.GetProperty("n_layer").GetInt32();
        bool untied = name == "variant-untied";
        Assert.Equal((12 * layers) + 4 + (untied ? 1 : 0), plan.Totals.Tensors);
        Assert.Equal(tensors.Count, plan.Rows.Count + plan.Dropped.Count);
        Assert.Equal(4 * layers, plan.Rows.Count(row => row.Operation == TensorOperation.Transpose));
        Assert.Equal(
            tensors.Sum(tensor => tensor.ByteCount), plan.Totals.BytesToRead + plan.Totals.BytesToSkip + plan.Totals.BytesToVerify);
        Assert.Equal(untied ? 0 : 1, plan.Ties.Count);

        LoadPlan again = plan.Mapping.ForImported().Compile(values, ImportedLayoutTests.Written(plan));
        Assert.Equal(plan.Rows.Select(row => row.Target), again.Rows.Select(row => row.Target));
    }

    [Fact]
    public void The_fixtures_hold_the_three_layouts()
    {
        Assert.Contains("tiny-gpt2", Names);
        Assert.Contains("tiny-gpt2-prefixed", Names);
        Assert.Contains("tiny-gpt2-sharded", Names);
    }

    [Fact]
    public void Shards_are_read_file_by_file()
    {
        using JsonDocument config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Repository.Fixture("tiny-gpt2-sharded"), "config.json")));
        ModelConfigValues values = ModelConfigValues.From(config.RootElement);
        List<SourceTensor> tensors = Headers("tiny-gpt2-sharded");
        tensors.Reverse();

        LoadPlan plan = MappingCatalog.BuiltIn.Find(values, tensors).Compile(values, tensors);

        (string File, long Offset)[] places = [.. plan.RowsInFileOrder.Select(row => (row.Source.File, row.Source.Offset))];
        Assert.Equal(places.OrderBy(place => place.File, StringComparer.Ordinal).ThenBy(place => place.Offset), places);
        Assert.Equal(3, places.Select(place => place.File).Distinct().Count());
    }

    private static List<SourceTensor> Headers(string name)
    {
        List<SourceTensor> tensors = [];
        foreach (string path in Directory.EnumerateFiles(Repository.Fixture(name), "model*.safetensors").Order(StringComparer.Ordinal))
        {
            using SafeTensorFile file = SafeTensorFile.Open(path);
            tensors.AddRange(file.Header.Tensors.Select(info => new SourceTensor(
                info.Name, info.DType, info.Shape, Path.GetFileName(path), info.FileOffset, info.ByteCount)));
        }

        return tensors;
    }
}
