using Importer.Mapping;
using Importer.Mapping.Operations;
using Importer.Sources;
using SafeTensorSharp;
using Tests.Shared;

namespace Importer.Tests.Mapping;

/// <summary>Plans for the published checkpoints, against the counts and sizes that are known of them.</summary>
public sealed class PublishedGpt2Tests
{
    private static readonly Dictionary<string, Gpt2Headers> Models = new()
    {
        ["gpt2"] = Gpt2Headers.Gpt2,
        ["gpt2-medium"] = Gpt2Headers.Medium,
        ["gpt2-large"] = Gpt2Headers.Large,
        ["gpt2-xl"] = Gpt2Headers.Xl,
        ["distilgpt2"] = Gpt2Headers.Distil,
    };

    [Theory]
    [InlineData("gpt2", 148, 12, 124_439_808, 548_090_880)]
    [InlineData("gpt2-medium", 292, 24, 354_823_168, 1_519_955_968)]
    [InlineData("gpt2-large", 436, 36, 774_030_080, 3_247_115_264)]
    [InlineData("gpt2-xl", 580, 48, 1_557_611_200, 6_431_771_392)]
    [InlineData("distilgpt2", 76, 6, 81_912_576, 352_816_128)]
    public void Counts_every_tensor_parameter_and_byte(string model, int tensors, int masks, long parameters, long bytes)
    {
        LoadPlan plan = Models[model].Plan();

        Assert.Equal(tensors, plan.Totals.Tensors);
        Assert.Equal(tensors, plan.Rows.Count);
        Assert.Equal(masks, plan.Dropped.Count);
        Assert.Equal(parameters, plan.Totals.Parameters);
        Assert.Equal(parameters * 4, plan.Totals.BytesToWrite);
        Assert.Equal(parameters * 4, plan.Totals.BytesToRead);
        Assert.Equal(bytes, plan.Totals.BytesToRead + plan.Totals.BytesToSkip);
        Assert.Equal(0, plan.Totals.BytesToVerify);
        Assert.Equal(model == "distilgpt2" ? "transformer." : "", plan.Prefix);
        Assert.Empty(plan.Warnings);
    }

    [Fact]
    public void Verifies_the_head_that_DialoGPT_stores_beside_the_embedding()
    {
        LoadPlan plan = Gpt2Headers.Dialo.Plan();

        PlannedTie tie = Assert.Single(plan.Ties);
        Assert.Equal(("lm_head.weight", "transformer.wte.weight"), (tie.Target, tie.To));
        Assert.Equal(("lm_head.weight", "transformer.wte.weight"), (tie.Check!.Copy.Name, tie.Check.Original.Name));
        Assert.Equal(709_646_336, plan.Totals.BytesToRead);
        Assert.Equal(102_926_336 + 128, plan.Totals.BytesToVerify + 128);
        Assert.Equal(50_331_648, plan.Totals.BytesToSkip);
        Assert.Equal(862_904_320, plan.Totals.BytesToRead + plan.Totals.BytesToVerify + plan.Totals.BytesToSkip);
        Assert.All(plan.Rows, row => Assert.Equal(DType.F16, row.DType));
    }

    [Fact]
    public void Transposes_exactly_the_four_Conv1D_matrices_of_each_block()
    {
        LoadPlan plan = Gpt2Headers.Gpt2.Plan();

        string[] transposed = [.. plan.Rows.Where(row => row.Operation == TensorOperation.Transpose).Select(row => row.Target)];
        Assert.Equal(48, transposed.Length);
        Assert.Equal(
            ["transformer.h.0.attn.c_attn.weight", "transformer.h.0.attn.c_proj.weight", "transformer.h.0.mlp.c_fc.weight",
                "transformer.h.0.mlp.c_proj.weight"],
            transposed[..4]);
        Assert.Equal([2304L, 768], plan.Find("transformer.h.0.attn.c_attn.weight")!.Shape);
        Assert.Equal([3072L, 768], plan.Find("transformer.h.11.mlp.c_fc.weight")!.Shape);
        Assert.Equal([50257L, 768], plan.Find("transformer.wte.weight")!.Shape);
        Assert.Equal(768 * 3072 * 4, plan.Totals.LargestStaged);
        Assert.Equal(50257L * 768 * 4, plan.Totals.LargestTensor);
    }

    [Fact]
    public void Lists_parameters_in_the_order_of_the_model_and_reads_in_the_order_of_the_file()
    {
        Gpt2Headers model = Gpt2Headers.Tiny;
        List<SourceTensor> tensors = model.Tensors;
        tensors.Reverse();
        LoadPlan plan = MappingCatalog.BuiltIn.Find(model.Config, tensors).Compile(model.Config, tensors);

        Assert.Equal("transformer.wte.weight", plan.Rows[0].Target);
        Assert.Equal("transformer.h.0.ln_1.weight", plan.Rows[2].Target);
        Assert.Equal("transformer.h.1.ln_1.weight", plan.Rows[14].Target);
        Assert.Equal("transformer.ln_f.bias", plan.Rows[^1].Target);
        Assert.Equal(plan.Rows.OrderBy(row => row.Source.Offset), plan.RowsInFileOrder);
        Assert.Equal("h.0.attn.bias", plan.Dropped[0].Source.Name);
    }

    [Theory]
    [InlineData("", "transformer.")]
    [InlineData("module.", "")]
    [InlineData("module.", "transformer.")]
    [InlineData("_orig_mod.", "transformer.")]
    [InlineData("module._orig_mod.", "")]
    [InlineData("_orig_mod.module.", "transformer.")]
    public void Finds_keys_under_every_prefix_of_the_dialects(string wrapper, string prefix)
    {
        Gpt2Headers plain = Gpt2Headers.Tiny with { Head = true, MaskedBias = true };
        Gpt2Headers wrapped = plain with { Wrapper = wrapper, Prefix = prefix };

        LoadPlan plan = wrapped.Plan();

        Assert.Equal(wrapper + prefix, plan.Prefix);
        Assert.Equal(plain.Plan().Rows.Select(row => (row.Target, row.Operation)), plan.Rows.Select(row => (row.Target, row.Operation)));
        Assert.Equal(wrapper + "lm_head.weight", plan.Ties[0].Check!.Copy.Name);
        Assert.Equal(6, plan.Dropped.Count);
    }

    [Theory]
    [InlineData(DType.F32)]
    [InlineData(DType.F16)]
    [InlineData(DType.U8)]
    [InlineData(DType.Bool)]
    [InlineData(DType.F6E3M2)]
    [InlineData(null)]
    public void Drops_masks_of_any_element_type_or_does_without(DType? masks)
    {
        LoadPlan plan = (Gpt2Headers.Tiny with { Masks = masks, MaskedBias = masks is not null }).Plan();

        Assert.Equal(masks is null ? 0 : 6, plan.Dropped.Count);
        Assert.All(plan.Dropped, drop => Assert.Equal(
            drop.Source.Name.EndsWith(".bias", StringComparison.Ordinal) ? DropContent.LowerTriangle : DropContent.Unspecified, drop.Content));
        Assert.All(plan.Dropped, drop => Assert.Contains("mask", drop.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public void Maps_an_untied_head_as_a_parameter_of_its_own()
    {
        LoadPlan plan = (Gpt2Headers.Tiny with { TieWordEmbeddings = false, Head = true, Prefix = "transformer." }).Plan();

        Assert.Empty(plan.Ties);
        Assert.Equal([211L, 48], plan.Find("lm_head.weight")!.Shape);
        Assert.Equal(41, plan.Totals.Tensors);
    }

    [Fact]
    public void Takes_a_width_inside_the_blocks_that_the_configuration_sets()
    {
        LoadPlan plan = (Gpt2Headers.Tiny with { Inner = 72 }).Plan();

        Assert.Equal([72L, 48], plan.Find("transformer.h.0.mlp.c_fc.weight")!.Shape);
    }

    [Fact]
    public void Says_which_rule_of_the_table_a_row_follows_from()
    {
        LoadPlan plan = Gpt2Headers.Tiny.Plan();
        string[] lines = File.ReadAllLines(Path.Combine(Repository.Root, "mappings", "gpt2.json"));

        RuleLocation rule = plan.Find("transformer.h.2.attn.c_proj.weight")!.Rule;

        Assert.Equal("map", rule.Section);
        Assert.Contains("\"h.{i}.attn.c_proj.weight\"", lines[rule.Line - 1], StringComparison.Ordinal);
    }
}
