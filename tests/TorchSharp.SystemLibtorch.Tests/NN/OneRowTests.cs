using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace TorchSharp.SystemLibtorch.Tests.NN;

/// <summary>Products with one row on the CPU are computed by this library, everything else by libtorch: nobody must see a difference.</summary>
public sealed class OneRowTests
{
    public static TheoryData<int, int, ScalarType, bool> Shapes()
    {
        var data = new TheoryData<int, int, ScalarType, bool>();
        foreach (var (outputs, inputs) in new[] { (1, 1), (3, 5), (7, 64), (33, 67), (300, 768), (5, 4099) })
        {
            foreach (var dtype in new[] { ScalarType.Float32, ScalarType.BFloat16 })
            {
                data.Add(outputs, inputs, dtype, true);
                data.Add(outputs, inputs, dtype, false);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void One_row_times_a_weight_is_what_double_precision_says(int outputs, int inputs, ScalarType dtype, bool withBias)
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode();
        manual_seed(outputs);
        Tensor x = randn(1, 1, inputs).to(dtype), w = randn(outputs, inputs).to(dtype), b = randn(outputs).to(dtype);
        var expected = w.@double().matmul(x.@double().view(inputs));
        expected = withBias ? expected + b.@double() : expected;
        // One rounding for bfloat16; float32's sums differ by some roundings of their terms.
        double relative = dtype == ScalarType.BFloat16 ? 1.0 / 256 : 1e-6, absolute = 1e-6 * Math.Sqrt(inputs);

        var linear = F.linear(x, w, withBias ? b : null);
        Assert.Equal([1, 1, outputs], linear.shape);
        Assert.Equal(dtype, linear.dtype);
        Assert.True(linear.@double().view(outputs).allclose(expected, relative, absolute));
        var product = withBias ? b.addmv(w, x.view(inputs)) : w.mv(x.view(inputs));
        Assert.Equal([outputs], product.shape);
        Assert.True(product.@double().allclose(expected, relative, absolute));
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void Views_of_weights_and_of_rows_are_read_where_they_lie(ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        Tensor wide = randn(40, 300).to(dtype), x = randn(200, 3).to(dtype)[TensorIndex.Colon, 1];
        foreach (var w in new[] { wide[TensorIndex.Slice(5, 30, 3), TensorIndex.Slice(77, 277)], wide.t()[TensorIndex.Slice(100), TensorIndex.Colon].narrow(1, 0, 20).t() })
        {
            var expected = w.@double().matmul(x.@double());
            Assert.True(F.linear(x, w).@double().allclose(expected, 1.0 / 256, 1e-4));
        }

        Assert.All(F.linear(x.narrow(0, 0, 0), wide.narrow(1, 0, 0)).@float().data<float>().ToArray(), number => Assert.Equal(0, number)); // no inputs
        Assert.Equal([0], F.linear(x, wide.narrow(0, 0, 0).narrow(1, 0, 200)).shape);
    }

    [Fact]
    public void A_product_does_not_depend_on_the_number_of_threads()
    {
        using var scope = NewDisposeScope();
        Tensor x = randn(1, 768), w = randn(3000, 768);
        int threads = get_num_threads();
        try
        {
            set_num_threads(1);
            var alone = F.linear(x, w);
            set_num_threads(3);
            Assert.Equal(alone.data<float>().ToArray(), F.linear(x, w).data<float>().ToArray());
        }
        finally
        {
            set_num_threads(threads);
        }
    }

    [Fact]
    public void Gradients_flow_where_they_are_wanted()
    {
        using var scope = NewDisposeScope();
        Tensor x = randn(1, 8), w = randn(4, 8).requires_grad_(), b = zeros(4).requires_grad_();
        F.linear(x, w, b).sum().backward();
        Assert.True(w.grad!.allclose(x.expand(4, 8)));
        Assert.True(b.grad!.allclose(ones(4)));
        using (no_grad())
            Assert.False(F.linear(x, w, b).requires_grad);
        var row = randn(8).requires_grad_();
        b.addmv(w, row).sum().backward();
        Assert.True(row.grad!.allclose(w.detach().sum(0L)));
    }

    [Fact]
    public void Other_numbers_and_several_rows_are_libtorchs()
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        Tensor w = randn(4, 8, dtype: float64), x = randn(1, 8, dtype: float64);
        Assert.True(F.linear(x, w).allclose(x.matmul(w.t())));
        Assert.Equal([2, 4], F.linear(randn(2, 8), randn(4, 8)).shape);
        Assert.True(arange(4, dtype: float32).addmv(ones(4, 8), ones(8), beta: 2, alpha: 3).allclose(arange(4, dtype: float32) * 2 + 24));
    }

    [Fact]
    public void What_does_not_fit_is_refused_as_libtorch_refuses_it()
    {
        using var scope = NewDisposeScope();
        Assert.ThrowsAny<System.Runtime.InteropServices.ExternalException>(() => F.linear(randn(1, 7), randn(4, 8)));
        Assert.ThrowsAny<System.Runtime.InteropServices.ExternalException>(() => F.linear(randn(1, 8), randn(4, 8), randn(5)));
        Assert.ThrowsAny<System.Runtime.InteropServices.ExternalException>(() => F.linear(randn(1, 8).bfloat16(), randn(4, 8)));
        Assert.ThrowsAny<System.Runtime.InteropServices.ExternalException>(() => randn(4, 8).mv(randn(7)));
    }

    [Fact]
    public void What_is_not_a_number_stays_so()
    {
        using var scope = NewDisposeScope();
        var x = ones(1, 100);
        x[0, 50] = tensor(float.NaN);
        Assert.True(F.linear(x, ones(3, 100)).isnan().all().item<bool>());
        x[0, 50] = tensor(float.PositiveInfinity);
        Assert.True(F.linear(x.bfloat16(), ones(3, 100).bfloat16()).isinf().all().item<bool>());
    }
}
