using Tests.Shared;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace TorchSharp.SystemLibtorch.Tests.NN;

public sealed class FunctionalTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Attention_is_the_softmax_of_the_scores_times_the_values(bool causal, bool masked)
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        Tensor q = randn(2, 3, 5, 8, dtype: float64), k = randn(2, 3, 7, 8, dtype: float64), v = randn(2, 3, 7, 4, dtype: float64);
        var allowed = rand(5, 7).gt(0.3);
        allowed[TensorIndex.Colon, 0] = tensor(true);
        var actual = F.scaled_dot_product_attention(q, k, v, masked ? allowed : null, 0, causal);
        NumericAssert.Shape([2, 3, 5, 4], actual);
        var (qs, ks, vs) = (NumericAssert.Numbers(q), NumericAssert.Numbers(k), NumericAssert.Numbers(v));
        var may = allowed.data<bool>().ToArray();
        var result = NumericAssert.Numbers(actual);
        for (int head = 0; head < 6; head++)
        {
            for (int i = 0; i < 5; i++)
            {
                var scores = new double[7];
                for (int j = 0; j < 7; j++)
                {
                    bool open = masked ? may[(i * 7) + j] : !causal || j <= i;
                    double dot = Enumerable.Range(0, 8).Sum(d => qs[(((head * 5) + i) * 8) + d] * ks[(((head * 7) + j) * 8) + d]);
                    scores[j] = open ? Math.Exp(dot / Math.Sqrt(8)) : 0;
                }
                for (int d = 0; d < 4; d++)
                {
                    double expected = Enumerable.Range(0, 7).Sum(j => scores[j] * vs[(((head * 7) + j) * 4) + d]) / scores.Sum();
                    Assert.Equal(expected, result[(((head * 5) + i) * 4) + d], 1e-10);
                }
            }
        }
    }

    [Fact]
    public void Attention_takes_additive_masks_half_precision_and_dropout()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        var x = randn(1, 2, 6, 8);
        var causal = F.scaled_dot_product_attention(x, x, x, is_casual: true);
        var mask = zeros(6, 6).masked_fill(ones(6, 6).triu(1).@bool(), double.NegativeInfinity);
        Assert.True(F.scaled_dot_product_attention(x, x, x, mask).allclose(causal, atol: 1e-6));
        var brain = F.scaled_dot_product_attention(x.bfloat16(), x.bfloat16(), x.bfloat16(), is_casual: true);
        Assert.Equal(bfloat16, brain.dtype);
        Assert.True(brain.@float().allclose(causal, atol: 0.05));
        var mean = zeros_like(causal);
        for (int i = 0; i < 400; i++)
            mean.add_(F.scaled_dot_product_attention(x, x, x, p: 0.2, is_casual: true), 1.0 / 400);
        Assert.True(mean.allclose(causal, atol: 0.25));
        Assert.False(F.scaled_dot_product_attention(x, x, x, p: 0.5).allclose(F.scaled_dot_product_attention(x, x, x)));
        Assert.ThrowsAny<Exception>(() => F.scaled_dot_product_attention(x, x, x, mask, 0, true));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(128)]
    [InlineData(129)]
    [InlineData(300)]
    public void Causal_attention_has_the_values_and_gradients_of_a_mask(int length)
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        // Views of one matrix product's result, as a model has them; each lies in memory in another way.
        var projected = randn(2, length, 3 * 24, dtype: float64);
        var upstream = randn(2, 3, length, 8, dtype: float64);
        var mask = zeros(length, length, dtype: float64).masked_fill(ones(length, length).triu(1).@bool(), double.NegativeInfinity);
        var (causal, causalGradient) = Run(null);
        var (masked, maskedGradient) = Run(mask);
        Assert.True(causal.allclose(masked, 1e-10, 1e-12));
        Assert.True(causalGradient.allclose(maskedGradient, 1e-10, 1e-12));
        using (no_grad())
        {
            var parts = projected.split(24, -1).Select(part => part.view(2, length, 3, 8).transpose(1, 2)).ToArray();
            Assert.True(F.scaled_dot_product_attention(parts[0], parts[1], parts[2], is_casual: true).allclose(masked, 1e-10, 1e-12));
        }

        (Tensor, Tensor) Run(Tensor? attn_mask)
        {
            var leaf = projected.detach().clone().requires_grad_();
            var parts = leaf.split(24, -1).Select(part => part.view(2, length, 3, 8).transpose(1, 2)).ToArray();
            var result = F.scaled_dot_product_attention(parts[0], parts[1], parts[2], attn_mask, 0, attn_mask is null);
            result.backward([upstream]);
            return (result.detach(), leaf.grad!);
        }
    }

    [Fact]
    public void Causal_attention_in_training_leaves_no_tensor_and_has_no_silent_second_derivative()
    {
        using var x = randn(1, 2, 6, 8).requires_grad_();
        long live = LiveTensors.Settle();
        using (var result = F.scaled_dot_product_attention(x, x, x, is_casual: true))
        using (var sum = result.sum())
        {
            sum.backward();
        }
        x.grad = null;
        Assert.Equal(live, Tensor.TotalCount);
        using var scope = NewDisposeScope();
        var again = F.scaled_dot_product_attention(x, x, x, is_casual: true).sum();
        if (__version__.StartsWith("1.", StringComparison.Ordinal))
            Assert.ThrowsAny<Exception>(() => autograd.grad([again], [x], create_graph: true));
    }

    [Fact]
    public void Attention_leaves_no_tensor_but_its_result()
    {
        using var x = randn(1, 2, 6, 8);
        long live = LiveTensors.Settle();
        F.scaled_dot_product_attention(x, x, x, p: 0.1, is_casual: true).Dispose();
        Assert.Equal(live, Tensor.TotalCount);
    }

    [Fact]
    public void Cross_entropy_is_minus_the_log_probability()
    {
        using var scope = NewDisposeScope();
        var logits = tensor(new double[,] { { 1, 2, 3 }, { 0, 0, 0 }, { 5, 1, 1 } });
        var target = tensor(new long[] { 2, 1, 0 });
        var probabilities = logits.log_softmax(1).data<double>();
        double[] losses = [-probabilities[0, 2], -probabilities[1, 1], -probabilities[2, 0]];
        NumericAssert.Close([losses.Average()], F.cross_entropy(logits, target));
        NumericAssert.Close([losses.Sum()], F.cross_entropy(logits, target, reduction: nn.Reduction.Sum));
        NumericAssert.Close(losses, F.cross_entropy(logits, target, reduction: nn.Reduction.None));
        var ignoring = tensor(new long[] { 2, -100, 0 });
        NumericAssert.Close([(losses[0] + losses[2]) / 2], F.cross_entropy(logits, ignoring));
        NumericAssert.Close([losses[0]], F.cross_entropy(logits, tensor(new long[] { 2, 7, 7 }), ignore_index: 7));
        var weight = tensor(new double[] { 1, 2, 3 });
        NumericAssert.Close([((3 * losses[0]) + (2 * losses[1]) + losses[2]) / 6], F.cross_entropy(logits, target, weight));
        double smooth = Enumerable.Range(0, 3).Average(i => (0.9 * losses[i]) - (0.1 / 3 * Enumerable.Range(0, 3).Sum(c => probabilities[i, c])));
        NumericAssert.Close([smooth], F.cross_entropy(logits, target, label_smoothing: 0.1));
    }

    [Fact]
    public void One_hot_marks_the_class()
    {
        using var scope = NewDisposeScope();
        NumericAssert.Close([0, 0, 1, 1, 0, 0], F.one_hot(tensor(new long[] { 2, 0 })).flatten());
        NumericAssert.Shape([2, 5], F.one_hot(tensor(new long[] { 2, 0 }), 5));
        Assert.Throws<ArgumentException>(() => F.one_hot(tensor(new[] { 2, 0 })));
    }

    [Fact]
    public void Activations_in_place_return_another_tensor_over_the_same_memory()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { -1f, 1 });
        var y = F.relu(x, inplace: true);
        Assert.NotSame(x, y);
        NumericAssert.Close([0, 1], x);
        Assert.True(F.silu(x.clone(), true).Equals(F.silu(x)));
        Assert.True(F.tanh(x.clone(), true).Equals(x.tanh()));
        Assert.True(F.sigmoid(x.clone(), true).Equals(F.sigmoid(x)));
        Assert.True(F.gelu(x.clone(), true).Equals(F.gelu(x, false)));
        Assert.True(F.softmax(x, 0).Equals(x.softmax(0)));
        Assert.True(F.log_softmax(x, 0).Equals(x.log_softmax(0)));
        NumericAssert.Close([0.5], F.mse_loss(x, tensor(new[] { 0f, 2 })));
    }
}
