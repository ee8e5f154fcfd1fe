using Importer.Mapping;
using Importer.Mapping.Problems;
using Importer.Sources;
using Importer.Tests.Transfer;
using Importer.Transfer;
using SafeTensorSharp;
using Tests.Shared;

namespace Importer.Tests.Mapping;

/// <summary>Tables run backwards: what was imported comes out as it went in.</summary>
public sealed class ExportPlanTests
{
    public static TheoryData<string> Checkpoints =>
        ["tiny-gpt2", "tiny-gpt2-prefixed", "tiny-gpt2-sharded", "variant-untied", "variant-n-inner", "tiny-llama", "tiny-llama-tied", "tiny-qwen2", "tiny-minimind-qwen3"];

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void Import_then_export_gives_every_mapped_key_byte_for_byte(string name)
    {
        using var directory = ModelDirectory.Open(Repository.Fixture(name));
        LoadPlan import = directory.Plan(dtype: null);
        using MemorySource made = Import(import, directory.Weights);
        ModelConfigValues config = ModelConfigValues.From(directory.Config);

        // From the table alone, as an export of an imported directory has it, and from the very plan.
        ExportPlan table = import.Mapping.PlanExport(config, made.Tensors, new ExportPlanOptions { Prefix = import.Prefix });
        ExportPlan inverse = import.Invert(made.Tensors, restoreDropped: true);

        AssertSame(directory.Weights, table, made, import.Rows.SelectMany(row => row.Sources).Select(source => source.Name));
        AssertSame(
            directory.Weights, inverse, made,
            directory.Weights.Tensors.Select(tensor => tensor.Name).Except(
                import.Dropped.Where(drop => drop.Content == DropContent.Unspecified).Select(drop => drop.Source.Name)));
    }

    [Fact]
    public void The_default_form_is_the_tables_own()
    {
        Gpt2Headers model = Gpt2Headers.Tiny with { Prefix = "transformer.", Wrapper = "module.", Head = true, Masks = null };
        List<SourceTensor> parameters = ImportedLayoutTests.Written(model.Plan());

        ExportPlan plan = MappingCatalog.BuiltIn.Find("gpt2")!.PlanExport(model.Config, parameters);

        Assert.Equal("", plan.Prefix);
        Assert.Equal((Gpt2Headers.Tiny with { Masks = null }).Tensors.Select(tensor => tensor.Name).Order(), plan.Rows.Select(row => row.Target).Order());
        Assert.Empty(plan.Generated);
        Assert.Equal([48L, 144], plan.Find("h.0.attn.c_attn.weight")!.Shape);
        Assert.Equal("t", plan.Find("h.0.attn.c_attn.weight")!.Operation.Text);
        Assert.Null(plan.Find("lm_head.weight"));
    }

    [Fact]
    public void What_is_tied_is_written_twice_where_the_table_or_the_caller_says_so()
    {
        List<SourceTensor> parameters = ImportedLayoutTests.Written(Gpt2Headers.Tiny.Plan());
        WeightMapping gpt2 = MappingCatalog.BuiltIn.Find("gpt2")!, nano = MappingCatalog.BuiltIn.Find("gpt2-nanogpt")!;
        ModelConfigValues config = Gpt2Headers.Tiny.Config;

        Assert.NotNull(gpt2.PlanExport(config, parameters, new ExportPlanOptions { TiedCopies = true }).Find("lm_head.weight"));
        ExportPlan plan = nano.PlanExport(config, parameters);
        Assert.Equal("transformer.", plan.Prefix);
        Assert.Equal("transformer.wte.weight", plan.Find("lm_head.weight")!.Source.Name);
        Assert.Equal("", plan.Find("transformer.h.0.attn.c_attn.weight")!.Operation.Text);
        Assert.Null(nano.PlanExport(config, parameters, new ExportPlanOptions { TiedCopies = false }).Find("lm_head.weight"));
    }

    [Theory]
    [InlineData(DType.F32)]
    [InlineData(DType.U8)]
    [InlineData(DType.Bool)]
    [InlineData(DType.F16)]
    public void Masks_are_made_again_in_the_type_they_had(DType dtype)
    {
        Gpt2Headers model = Gpt2Headers.Tiny with { Masks = dtype, MaskedBias = true };
        LoadPlan import = model.Plan();
        List<SourceTensor> parameters = ImportedLayoutTests.Written(import);

        ExportPlan plan = import.Invert(parameters, restoreDropped: true);
        Assert.Equal(3, plan.Generated.Count);
        Assert.Equal(
            model.Tensors.Select(tensor => tensor.Name).Where(key => !key.EndsWith("masked_bias", StringComparison.Ordinal)).Order(),
            plan.Rows.Select(row => row.Target).Concat(plan.Generated.Select(tensor => tensor.Name)).Order());
        Assert.All(plan.Generated, tensor => Assert.Equal((dtype, 64 * 64 * DTypes.BitSize(dtype) / 8), (tensor.DType, tensor.ByteCount)));
        Assert.Equal(
            plan.Generated.Select(tensor => tensor.Name),
            import.Mapping.PlanExport(model.Config, parameters, new ExportPlanOptions { RestoreDropped = true, DroppedDType = dtype })
                .Generated.Select(tensor => tensor.Name));
        Assert.Empty(import.Invert(parameters).Generated);

        using MemoryStream written = new();
        RegenerableTensors.Write(plan.Generated[0], written, default);
        byte[] bytes = written.ToArray();
        int size = bytes.Length / (64 * 64);
        for (int i = 0; i < 64 * 64; i++)
        {
            Assert.Equal(i % 64 <= i / 64, bytes.AsSpan(i * size, size).ContainsAnyExcept((byte)0));
        }
    }

    [Fact]
    public void A_mask_that_is_no_triangle_is_found_only_where_somebody_asks()
    {
        const string Drop = """{ "key": "a.{i}.mask", "shape": "D D", "is": "tril" }""";
        WeightMapping mapping = Tables.Parse(Tables.Text(drop: Drop));
        ModelConfigValues config = Gpt2Headers.ConfigOf("""{ "n_layer": 1, "d": 2, "f": 3 }""");
        using MemorySource good = new(), bad = new();
        good.Add("a.0.weight", 2, 3).Add("a.0.mask", DType.U8, [1, 0, 1, 1], 2, 2);
        bad.Add("a.0.weight", 2, 3).Add("a.0.mask", DType.U8, [1, 0, 0, 1], 2, 2);

        RegenerableTensors.Verify(mapping.Compile(config, good.Tensors), good, default);
        LoadPlan plan = mapping.Compile(config, bad.Tensors);
        DroppedTensorDiffersException exception = Assert.Throws<DroppedTensorDiffersException>(() => RegenerableTensors.Verify(plan, bad, default));
        Assert.Equal(("a.0.mask", 2L), (exception.Tensor, exception.Offset));
    }

    [Fact]
    public void A_rule_that_loses_elements_runs_backwards_only_where_it_says_with_what()
    {
        const string Config = """ "L": "n_layer", "D": "d", "F": "f", "P": "p" """;
        ModelConfigValues config = Gpt2Headers.ConfigOf("""{ "n_layer": 1, "d": 2, "f": 3, "p": 4 }""");
        const string Map = """["a.{i}.weight", "a.{i}.weight", "P F", "take 0 0:D"]""";
        using MemorySource source = new();
        source.Add("a.0.weight", 4, 3);
        WeightMapping lossy = Tables.Parse(Tables.Text(map: Map, config: Config));
        WeightMapping declared = Tables.Parse(Tables.Text(map: Map.Replace("0:D", "0:D pad zeros", StringComparison.Ordinal), config: Config));
        using MemorySource made = Import(declared.Compile(config, source.Tensors), source);

        IrreversibleMappingException exception = Assert.Throws<IrreversibleMappingException>(() => lossy.PlanExport(config, made.Tensors));
        Assert.Equal(0, Assert.IsType<IrreversibleRule>(Assert.Single(exception.Problems)).Rule.Index);

        PlanRow row = Assert.Single(declared.PlanExport(config, made.Tensors).Rows);
        using MemoryStream written = new();
        using RowStream stream = new(made);
        stream.Write(row, written, default);
        Assert.Equal([4L, 3], row.Shape);
        Assert.Equal([0, 1, 2, 3, 4, 5, 0, 0, 0, 0, 0, 0], System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(written.ToArray()).ToArray());
        Assert.Contains("is a part of", Assert.Single(declared.Compile(config, source.Tensors).Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Parameters_that_do_not_fit_are_listed()
    {
        LoadPlan import = Gpt2Headers.Tiny.Plan();
        List<SourceTensor> parameters = ImportedLayoutTests.Written(import);
        parameters.RemoveAt(3);
        parameters[0] = parameters[0] with { Shape = [1, 1] };

        CheckpointMismatchException table = Assert.Throws<CheckpointMismatchException>(
            () => import.Mapping.PlanExport(Gpt2Headers.Tiny.Config, parameters));
        CheckpointMismatchException inverse = Assert.Throws<CheckpointMismatchException>(() => import.Invert(parameters));

        Assert.All(new[] { table, inverse }, exception =>
        {
            Assert.Single(exception.Problems.OfType<MissingTensor>());
            Assert.Single(exception.Problems.OfType<WrongShape>());
        });
        Assert.Throws<ArgumentException>(() => import.Mapping.PlanExport(
            Gpt2Headers.Tiny.Config, parameters, new ExportPlanOptions { Prefix = "nobody." }));
    }

    private static MemorySource Import(LoadPlan plan, TensorSource source)
    {
        MemorySource made = new();
        Dictionary<string, byte[]> filled = Transfers.Run(plan, source, staged: false);
        foreach (PlanRow row in plan.Rows)
        {
            made.Add(row.Target, row.DType, filled[row.Target], [.. row.Shape]);
        }

        return made;
    }

    private static void AssertSame(TensorSource original, ExportPlan plan, TensorSource made, IEnumerable<string> keys)
    {
        Assert.Equal(keys.Order(StringComparer.Ordinal), plan.Rows.Select(row => row.Target).Concat(plan.Generated.Select(tensor => tensor.Name)).Order(StringComparer.Ordinal));
        using RowStream stream = new(made);
        foreach (SourceTensor tensor in original.Tensors.Where(tensor => plan.Find(tensor.Name) is not null))
        {
            byte[] expected = new byte[tensor.ByteCount];
            original.Read(tensor, 0, expected);
            using MemoryStream written = new();
            stream.Write(plan.Find(tensor.Name)!, written, default);
            Assert.True(expected.AsSpan().SequenceEqual(written.ToArray()), tensor.Name);
        }

        foreach (GeneratedTensor tensor in plan.Generated)
        {
            SourceTensor stored = original.Tensors.Single(candidate => candidate.Name == tensor.Name);
            byte[] expected = new byte[stored.ByteCount];
            original.Read(stored, 0, expected);
            using MemoryStream written = new();
            RegenerableTensors.Write(tensor, written, default);
            Assert.True(expected.AsSpan().SequenceEqual(written.ToArray()), tensor.Name);
        }
    }
}
