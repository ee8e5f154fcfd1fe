using System.Runtime.InteropServices;
using Tests.Shared;
using TorchSharp.Interop;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.Interop;

public sealed class OpTests
{
    private static readonly Op Add = "aten::add.Tensor", Gelu = "aten::gelu", Device = "aten::to.device", Norm = "aten::linalg_vector_norm";

    [Fact]
    public void Arguments_left_out_take_the_schema_s_defaults()
    {
        using var scope = NewDisposeScope();
        NumericAssert.Close([4, 6], Add.Call(tensor(new[] { 1.0, 2 }), tensor(new[] { 3.0, 4 })));
        NumericAssert.Close([7, 10], Add.Call(tensor(new[] { 1.0, 2 }), tensor(new[] { 3.0, 4 }), 2));
    }

    [Fact]
    public void Strings_devices_dtypes_and_lists_arrive()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 1f, -1 });
        Assert.False(Gelu.Call(x, "tanh").Equals(Gelu.Call(x, "none")));
        Assert.Equal(float64, Device.Call(x, CPU, ScalarType.Float64).dtype);
        NumericAssert.Shape([1, 1], Norm.Call(ones(3, 4), 2.0, new long[] { 0, 1 }, true));
    }

    [Fact]
    public void Long_lists_outgrow_the_stack_buffer()
    {
        using var scope = NewDisposeScope();
        var parts = Enumerable.Range(0, 1000).Select(i => full(1, i)).ToArray();
        var joined = cat(parts);
        NumericAssert.Shape([1000], joined);
        Assert.Equal(999, joined[999].item<long>());
    }

    [Fact]
    public void A_failure_names_the_operator_and_keeps_the_cause_without_the_cpp_stack()
    {
        using var scope = NewDisposeScope();
        var e = Assert.Throws<ExternalException>(() => ones(2, 3).mm(ones(2, 3)));
        Assert.Equal("aten::mm: mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)", e.Message);
    }

    [Fact]
    public void An_operator_that_libtorch_lacks_is_said_to_be_missing()
    {
        Op none = "aten::there_is_no_such_operator.Overload";
        Assert.False(none.Exists);
        var e = Assert.Throws<ExternalException>(() => none.Run());
        Assert.StartsWith("aten::there_is_no_such_operator.Overload: libtorch ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_arguments_fail_instead_of_crashing()
    {
        using var scope = NewDisposeScope();
        var x = ones(2);
        Assert.Throws<ExternalException>(() => Add.Call(x));
        Assert.Throws<ExternalException>(() => Add.Call(x, "text"));
        Assert.Throws<ExternalException>(() => Add.Call(x, x, 1, 2));
        Assert.Throws<ExternalException>(() => Add.Call(x, default));
        Assert.Throws<ExternalException>(() => Gelu.Call(x, "no such approximation"));
    }

    [Fact]
    public void Memory_that_cannot_be_had_is_an_exception()
    {
        var e = Assert.Throws<ExternalException>(() => empty(1L << 60));
        Assert.Contains("memory", e.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Throws<ExternalException>(() => zeros(long.MaxValue, long.MaxValue));
        Assert.Throws<ExternalException>(() => zeros(-1L));
    }

    [Fact]
    public void Calls_run_on_many_threads_at_once()
    {
        long before = LiveTensors.Settle();
        Parallel.For(0, 8, _ =>
        {
            for (int i = 0; i < 500; i++)
            {
                using var scope = NewDisposeScope();
                var x = randn(4, 4);
                Assert.True(x.mm(x).sub(x.matmul(x)).abs().sum().item<float>() == 0);
                Assert.Throws<ExternalException>(() => x.view(3));
            }
        });
        Assert.Equal(before, Tensor.TotalCount);
    }
}
