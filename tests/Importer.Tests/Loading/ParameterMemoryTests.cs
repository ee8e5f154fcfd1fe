using Importer.Loading;
using Importer.Runtime;
using Importer.Sources;
using Tests.Shared;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Importer.Tests.Loading;

public sealed class ParameterMemoryTests
{
    [SkippableFact]
    public void What_was_allocated_before_an_allocation_failed_is_the_callers_to_free()
    {
        Skip.If(TorchEnvironment.Current().Runtime != "system", "TorchSharp 0.107 counts a Parameter's tensor twice and frees it once.");
        using var directory = ModelDirectory.Open(Repository.Fixture("tiny-gpt2"));
        var rows = directory.Plan(null).RowsInFileOrder;
        long before = LiveTensors.Settle();
        var parameters = new Dictionary<string, Parameter>();

        // The first takes a chunk of its own, address space that nothing touches; no machine has the second.
        Assert.ThrowsAny<Exception>(() => ParameterMemory.Allocate([new(rows[^1], 1 << 20), new(rows[0], 1L << 52)], ScalarType.Float32, parameters));

        Assert.Equal([rows[^1].Target], parameters.Keys);
        parameters.Values.ToList().ForEach(parameter => parameter.Dispose());
        Assert.Equal(before, Tensor.TotalCount);
    }

    [SkippableFact]
    public void What_was_mapped_before_a_file_was_missing_is_the_callers_to_free()
    {
        Skip.If(TorchEnvironment.Current().Runtime != "system", "TorchSharp 0.107 counts a Parameter's tensor twice and frees it once.");
        using var directory = ModelDirectory.Open(Repository.Fixture("tiny-gpt2"));
        var planned = directory.Plan(null).RowsInFileOrder.Where(row => row.IsMappable).Select(row => new PlannedParameter(row, row.Shape[0])).ToList();
        long before = LiveTensors.Settle();
        var parameters = new Dictionary<string, Parameter>();

        Assert.ThrowsAny<IOException>(() => ParameterMemory.Map(
            planned, parameter => directory.PathOf(parameter == planned[^1] ? "missing.safetensors" : parameter.Row.Source.File), parameters));

        Assert.Equal(planned.Count - 1, parameters.Count);
        parameters.Values.ToList().ForEach(parameter => parameter.Dispose());
        Assert.Equal(before, Tensor.TotalCount);
    }
}
