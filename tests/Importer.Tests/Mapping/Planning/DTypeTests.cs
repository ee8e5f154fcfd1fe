using Importer.Mapping;
using Importer.Sources;
using SafeTensorSharp;

namespace Importer.Tests.Mapping.Planning;

public sealed class DTypeTests
{
    [Theory]
    [InlineData(DType.F32, null, DType.F32, false)]
    [InlineData(DType.BF16, null, DType.BF16, false)]
    [InlineData(DType.F8E4M3, null, DType.BF16, false)]
    [InlineData(DType.F8E5M2, null, DType.BF16, false)]
    [InlineData(DType.F8E4M3Fnuz, null, DType.BF16, false)]
    [InlineData(DType.F8E5M2Fnuz, null, DType.BF16, false)]
    [InlineData(DType.F8E5M2Fnuz, DType.F16, DType.F16, false)]
    [InlineData(DType.F16, DType.F32, DType.F32, false)]
    [InlineData(DType.BF16, DType.F32, DType.F32, false)]
    [InlineData(DType.F32, DType.F64, DType.F64, false)]
    [InlineData(DType.F64, DType.F32, DType.F32, true)]
    [InlineData(DType.F32, DType.F16, DType.F16, true)]
    [InlineData(DType.F32, DType.BF16, DType.BF16, true)]
    [InlineData(DType.F16, DType.BF16, DType.BF16, true)]
    [InlineData(DType.BF16, DType.F16, DType.F16, true)]
    public void Says_what_a_parameter_becomes_and_whether_that_can_lose_anything(DType source, DType? wanted, DType result, bool lossy)
    {
        LoadPlan plan = (Gpt2Headers.Tiny with { DType = source }).Plan(new PlanOptions { TargetDType = wanted });

        Assert.All(plan.Rows, row =>
        {
            Assert.Equal(result, row.DType);
            Assert.Equal(lossy, row.IsLossy);
            Assert.Equal(source != result, row.IsCast);
            Assert.Equal(row.Shape.Aggregate(1L, (product, size) => product * size) * DTypes.BitSize(result) / 8, row.ByteCount);
        });
        Assert.Equal(lossy ? 1 : 0, plan.Warnings.Count);
        Assert.All(plan.Warnings, warning => Assert.Contains("40 of 40 parameters can lose precision", warning, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(DType.Bool)]
    [InlineData(DType.U8)]
    [InlineData(DType.I32)]
    [InlineData(DType.I64)]
    [InlineData(DType.C64)]
    [InlineData(DType.F4)]
    [InlineData(DType.F6E2M3)]
    [InlineData(DType.F8E8M0)]
    public void Refuses_types_that_no_parameter_has(DType dtype)
    {
        CheckpointMismatchException exception = Assert.Throws<CheckpointMismatchException>(
            () => (Gpt2Headers.Tiny with { DType = dtype }).Plan());

        Assert.Equal(40, exception.Problems.Count);
        Assert.Contains(DTypes.Name(dtype), exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Warns_of_parameters_of_several_types_unless_one_is_chosen()
    {
        List<SourceTensor> tensors = Gpt2Headers.Tiny.Tensors;
        tensors[0] = tensors[0] with { DType = DType.F16, ByteCount = tensors[0].ByteCount / 2 };
        WeightMapping mapping = MappingCatalog.BuiltIn.Find("gpt2")!;

        LoadPlan mixed = mapping.Compile(Gpt2Headers.Tiny.Config, tensors);
        LoadPlan alike = mapping.Compile(Gpt2Headers.Tiny.Config, tensors, new PlanOptions { TargetDType = DType.F32 });

        Assert.Contains("1 are F16, 39 are F32", Assert.Single(mixed.Warnings), StringComparison.Ordinal);
        Assert.Empty(alike.Warnings);
    }

    [Fact]
    public void A_file_is_mappable_where_its_bytes_are_the_parameters_and_begin_at_a_multiple_of_the_element()
    {
        List<SourceTensor> tensors = Gpt2Headers.Tiny.Tensors;
        WeightMapping mapping = MappingCatalog.BuiltIn.Find("gpt2")!;

        // The published file begins its data at byte 14,291.
        LoadPlan misaligned = mapping.Compile(Gpt2Headers.Tiny.Config, tensors);
        LoadPlan aligned = mapping.Compile(
            Gpt2Headers.Tiny.Config, [.. tensors.Select(tensor => tensor with { Offset = tensor.Offset + 1 })]);

        Assert.DoesNotContain(misaligned.Rows, row => row.IsMappable);
        Assert.Equal(
            misaligned.Rows.Where(row => row.IsVerbatim).Select(row => row.Target),
            aligned.Rows.Where(row => row.IsMappable).Select(row => row.Target));
        Assert.Equal(28, aligned.Rows.Count(row => row.IsMappable));
    }
}
