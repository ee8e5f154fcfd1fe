using Importer.Mapping;
using Importer.Sources;

namespace Importer.Tests.Mapping.Planning;

public sealed class TieTests
{
    [Fact]
    public void A_tied_head_that_is_not_stored_needs_no_check()
    {
        PlannedTie tie = Assert.Single(Gpt2Headers.Tiny.Plan().Ties);

        Assert.Equal(("lm_head.weight", "transformer.wte.weight"), (tie.Target, tie.To));
        Assert.Null(tie.Check);
        Assert.Equal("tie", tie.Rule.Section);
    }

    [Fact]
    public void A_tied_head_that_is_stored_is_to_be_verified_and_never_loaded()
    {
        LoadPlan plan = (Gpt2Headers.Tiny with { Head = true, TieWordEmbeddings = true }).Plan();

        TieCheck check = Assert.Single(plan.Ties).Check!;
        Assert.Equal(("lm_head.weight", "wte.weight"), (check.Copy.Name, check.Original.Name));
        Assert.Null(plan.Find("lm_head.weight"));
        Assert.Equal(check.Copy.ByteCount, plan.Totals.BytesToVerify);
    }

    [Fact]
    public void Two_names_for_the_same_bytes_are_equal_without_reading_them_and_count_once()
    {
        Gpt2Headers model = Gpt2Headers.Tiny with { Head = true };
        List<SourceTensor> tensors = model.Tensors;
        SourceTensor embedding = tensors.Single(tensor => tensor.Name == "wte.weight");
        tensors[0] = tensors[0] with { Offset = embedding.Offset };

        LoadPlan plan = MappingCatalog.BuiltIn.Find("gpt2")!.Compile(model.Config, tensors);

        Assert.Null(Assert.Single(plan.Ties).Check);
        Assert.Equal(0, plan.Totals.BytesToVerify);
        Assert.Equal(Gpt2Headers.Tiny.Plan().Totals, plan.Totals);
    }

    [Fact]
    public void Two_parameters_from_the_same_bytes_are_read_once_and_written_twice()
    {
        Gpt2Headers model = Gpt2Headers.Tiny with { Head = true, TieWordEmbeddings = false };
        List<SourceTensor> tensors = model.Tensors;
        SourceTensor embedding = tensors.Single(tensor => tensor.Name == "wte.weight");
        tensors[0] = tensors[0] with { Offset = embedding.Offset };

        LoadPlan plan = MappingCatalog.BuiltIn.Find("gpt2")!.Compile(model.Config, tensors);

        Assert.Equal(model.Plan().Totals with { BytesToRead = model.Plan().Totals.BytesToRead - embedding.ByteCount }, plan.Totals);
    }

    [Fact]
    public void A_condition_on_the_configuration_decides_between_tie_and_parameter()
    {
        LoadPlan tied = (Gpt2Headers.Tiny with { Head = true }).Plan();
        LoadPlan untied = (Gpt2Headers.Tiny with { Head = true, TieWordEmbeddings = false }).Plan();

        Assert.Equal(tied.Totals.Tensors + 1, untied.Totals.Tensors);
        Assert.Empty(untied.Ties);
        Assert.Equal("map", untied.Find("lm_head.weight")!.Rule.Section);
    }
}
