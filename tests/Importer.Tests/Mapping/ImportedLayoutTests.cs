using Importer.Mapping;
using Importer.Mapping.Problems;
using Importer.Sources;

namespace Importer.Tests.Mapping;

/// <summary>Imported files are planned with the table that they were made by, turned to its own targets.</summary>
public sealed class ImportedLayoutTests
{
    private static readonly WeightMapping Imported = MappingCatalog.BuiltIn.Find("gpt2")!.ForImported();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Takes_what_an_import_writes_as_it_is(bool tied)
    {
        Gpt2Headers model = Gpt2Headers.Tiny with { Head = true, TieWordEmbeddings = tied };
        LoadPlan original = model.Plan();

        LoadPlan plan = Imported.Compile(model.Config, Written(original));

        Assert.Equal("gpt2 (imported)", plan.Mapping.Name);
        Assert.Equal(original.Mapping.Version, plan.Mapping.Version);
        Assert.Equal(original.Mapping.Sha256, plan.Mapping.Sha256);
        Assert.Equal(original.Rows.Select(row => (row.Target, Shape(row.Shape))), plan.Rows.Select(row => (row.Target, Shape(row.Shape))));
        Assert.All(plan.Rows, row => Assert.True(row.IsMappable));
        Assert.Equal(original.Ties.Select(tie => (tie.Target, tie.To)), plan.Ties.Select(tie => (tie.Target, tie.To)));
        Assert.All(plan.Ties, tie => Assert.Null(tie.Check));
        Assert.Empty(plan.Dropped);
        Assert.Equal(0, plan.Totals.LargestStaged);
    }

    [Fact]
    public void Is_refused_by_the_table_of_originals_and_refuses_originals()
    {
        Gpt2Headers model = Gpt2Headers.Tiny with { Prefix = "transformer.", Masks = null };
        List<SourceTensor> written = Written(model.Plan());

        CheckpointMismatchException forward = Assert.Throws<CheckpointMismatchException>(
            () => MappingCatalog.BuiltIn.Find("gpt2")!.Compile(model.Config, written));
        CheckpointMismatchException backward = Assert.Throws<CheckpointMismatchException>(() => Imported.Compile(model.Config, model.Tensors));

        Assert.All(forward.Problems.Concat(backward.Problems), problem => Assert.True(Assert.IsType<WrongShape>(problem).LooksTransposed));
        Assert.Contains("import the model again", backward.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Checks_an_imported_file_like_an_original()
    {
        List<SourceTensor> written = Written(Gpt2Headers.Tiny.Plan());
        written.RemoveAt(7);
        written.Add(written[0] with { Name = "lm_head.weight" });

        CheckpointMismatchException exception = Assert.Throws<CheckpointMismatchException>(
            () => Imported.Compile(Gpt2Headers.Tiny.Config, written));

        Assert.Equal("transformer.h.0.attn.c_proj.bias", Assert.Single(exception.Problems.OfType<MissingTensor>()).Name);
        Assert.Equal("lm_head.weight", Assert.Single(exception.Problems.OfType<UnexpectedTensor>()).Tensor.Name);
    }

    [Fact]
    public void Is_its_own_imported_layout() => Assert.Same(Imported, Imported.ForImported());

    /// <summary>The header of the file that an import of a plan writes: names and shapes of the targets, data aligned to 64 bytes.</summary>
    internal static List<SourceTensor> Written(LoadPlan plan)
    {
        List<SourceTensor> tensors = [];
        long offset = 4096;
        foreach (PlanRow row in plan.Rows)
        {
            tensors.Add(new SourceTensor(row.Target, row.DType, row.Shape, "model.safetensors", offset, row.ByteCount));
            offset += (row.ByteCount + 63) / 64 * 64;
        }

        return tensors;
    }

    private static string Shape(IReadOnlyList<long> shape) => string.Join(',', shape);
}
