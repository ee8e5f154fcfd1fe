using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace TorchSharp.SystemLibtorch.Tests.NN;

/// <summary>Attention of a token that is generated, beside the same in double precision, which is composed of operators.</summary>
public sealed class OneTokenAttentionTests
{
    public static TheoryData<int, int, int, ScalarType, bool> Shapes()
    {
        var data = new TheoryData<int, int, int, ScalarType, bool>();
        foreach (var (queries, length, size) in new[] { (1, 1, 64), (1, 81, 64), (1, 300, 80), (3, 40, 128), (2, 17, 5), (1, 1000, 256), (16, 20, 64) })
        {
            foreach (var dtype in new[] { ScalarType.Float32, ScalarType.BFloat16 })
            {
                data.Add(queries, length, size, dtype, false);
                data.Add(queries, length, size, dtype, true);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void It_is_what_double_precision_says(int queries, int length, int size, ScalarType dtype, bool masked)
    {
        using var scope = NewDisposeScope();
        using var mode = inference_mode();
        manual_seed(length);
        // As they come: queries split from their heads, keys and values the front part of a cache.
        var q = randn(2, queries, 3, size).to(dtype).transpose(1, 2);
        Tensor k = randn(2, 3, length + 9, size).to(dtype).narrow(2, 0, length), v = randn(2, 3, length + 9, size).to(dtype).narrow(2, 0, length);
        Tensor? mask = null;
        if (masked)
        {
            mask = rand(2, 1, 1, length).gt(0.4);
            mask[TensorIndex.Ellipsis, length - 1] = tensor(true);
        }

        var actual = F.scaled_dot_product_attention(q, k, v, mask);
        Assert.Equal([2, 3, queries, size], actual.shape);
        Assert.Equal(dtype, actual.dtype);
        var expected = F.scaled_dot_product_attention(q.@double(), k.@double(), v.@double(), mask);
        // bfloat16 is rounded once; float32 in every sum.
        double relative = dtype == ScalarType.BFloat16 ? 1.0 / 256 : 1e-5;
        Assert.True(actual.@double().allclose(expected, relative, dtype == ScalarType.BFloat16 ? 1e-4 : 2e-6));
    }

    [Fact]
    public void Keys_in_any_layout_are_read()
    {
        using var scope = NewDisposeScope();
        manual_seed(4);
        Tensor q = randn(1, 2, 1, 8), k = randn(1, 2, 8, 30).transpose(2, 3), v = randn(1, 2, 8, 30).transpose(2, 3);
        Assert.True(F.scaled_dot_product_attention(q, k, v).@double().allclose(F.scaled_dot_product_attention(q.@double(), k.@double(), v.@double()), 1e-5, 1e-6));
    }

    [Fact]
    public void It_does_not_depend_on_the_number_of_threads()
    {
        using var scope = NewDisposeScope();
        Tensor q = randn(1, 12, 1, 64), k = randn(1, 12, 500, 64), v = randn(1, 12, 500, 64);
        int threads = get_num_threads();
        try
        {
            set_num_threads(1);
            var alone = F.scaled_dot_product_attention(q, k, v);
            set_num_threads(3);
            Assert.Equal(alone.data<float>().ToArray(), F.scaled_dot_product_attention(q, k, v).data<float>().ToArray());
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
        Tensor q = randn(1, 2, 1, 8).requires_grad_(), k = randn(1, 2, 5, 8), v = randn(1, 2, 5, 8).requires_grad_();
        var weights = q.matmul(k.transpose(-2, -1)).div(Math.Sqrt(8)).softmax(-1).detach();
        F.scaled_dot_product_attention(q, k, v).sum().backward();
        Assert.NotNull(q.grad);
        Assert.True(v.grad!.allclose(weights.transpose(-2, -1).expand(1, 2, 5, 8), 1e-5, 1e-6));
    }

    [Fact]
    public void What_is_not_a_number_stays_so()
    {
        using var scope = NewDisposeScope();
        Tensor q = ones(1, 1, 1, 64), k = ones(1, 1, 40, 64), v = ones(1, 1, 40, 64);
        k[0, 0, 3, 5] = tensor(float.NaN);
        Assert.True(F.scaled_dot_product_attention(q, k, v).isnan().all().item<bool>());
        var nobody = zeros(1, 1, 1, 40, dtype: @bool);
        Assert.True(F.scaled_dot_product_attention(q, ones(1, 1, 40, 64), v, nobody).isnan().all().item<bool>());
        // What is masked is not looked at.
        var others = ones(1, 1, 1, 40, dtype: @bool);
        others[0, 0, 0, 3] = tensor(false);
        Assert.True(F.scaled_dot_product_attention(q, k, v, others).allclose(ones(1, 1, 1, 64)));
    }
}
