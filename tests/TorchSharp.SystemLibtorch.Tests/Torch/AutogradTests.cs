using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace TorchSharp.SystemLibtorch.Tests.Torch;

public sealed class AutogradTests
{
    public static TheoryData<string, Func<Tensor, Tensor>> Functions() => new()
    {
        { "matmul", x => x.matmul(x.t()).sum() },
        { "softmax", x => x.softmax(-1).pow(2).sum() },
        { "log_softmax", x => x.log_softmax(0).mul(x).sum() },
        { "logsumexp", x => x.logsumexp(1).sum() },
        { "gelu", x => F.gelu(x).sum() },
        { "gelu tanh", x => F.gelu(x, GELU.Approximate.tanh).sum() },
        { "silu", x => F.silu(x).sum() },
        { "tanh", x => F.tanh(x).sum() },
        { "layer_norm", x => F.layer_norm(x, [4], x[0].exp(), x[1]).pow(3).sum() },
        { "linear", x => F.linear(x, x.narrow(0, 0, 2), x[0].narrow(0, 0, 2)).pow(2).sum() },
        { "cross_entropy", x => F.cross_entropy(x, tensor(new long[] { 1, 3, 0 }), label_smoothing: 0.1) },
        { "cross_entropy of probabilities", x => F.cross_entropy(x, full(3, 4, 0.25, float64)) },
        { "attention", x => F.scaled_dot_product_attention(x.unsqueeze(0), x.unsqueeze(0), x.unsqueeze(0), is_casual: true).pow(2).sum() },
        { "masked attention", x => F.scaled_dot_product_attention(x.unsqueeze(0), x.unsqueeze(0), x.unsqueeze(0), x.matmul(x.t())).pow(2).sum() },
        { "index_select", x => x.index_select(0, tensor(new long[] { 2, 2, 0 })).pow(2).sum() },
        { "index", x => x[TensorIndex.Tensor(tensor(new long[] { 2, 2, 0 })), TensorIndex.Slice(1, 3)].pow(3).sum() },
        { "gather", x => x.gather(1, zeros(3, 2, dtype: int64)).exp().sum() },
        { "cat and split", x => cat(x.split(2, 1), 0).pow(3).mean() },
        { "norm", x => linalg.vector_norm(x) },
        { "std", x => x.std(1).sum() },
        { "rsqrt of the mean square", x => x.mul(x.pow(2).mean([-1L], keepdim: true).add(1e-6).rsqrt()).pow(3).sum() },
        { "masked_fill", x => x.masked_fill(ones(3, 4).tril().eq(0), 0).exp().sum() },
        { "division", x => (1 / (x + 5) + (x / 3.0) - (2 - x)).pow(2).sum() },
        { "index_put", x => { var y = x * 2; y[0] = x[1] * x[2]; return y.pow(2).sum(); } },
    };

    [Theory]
    [MemberData(nameof(Functions))]
    public void Gradients_equal_finite_differences(string name, Func<Tensor, Tensor> function)
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        var x = randn(3, 4, dtype: float64, requires_grad: true);
        function(x).backward();
        var analytic = x.grad!.data<double>().ToArray();
        using var _ = no_grad();
        var elements = x.data<double>();
        const double step = 1e-6;
        for (int i = 0; i < analytic.Length; i++)
        {
            double value = elements[i];
            elements[i] = value + step;
            double above = function(x).item<double>();
            elements[i] = value - step;
            double below = function(x).item<double>();
            elements[i] = value;
            double numeric = (above - below) / (2 * step);
            Assert.True(Math.Abs(numeric - analytic[i]) <= 1e-6 * Math.Max(1, Math.Abs(numeric)), $"{name}[{i}]: {analytic[i]} is not {numeric}");
        }
    }

    [Fact]
    public void Gradients_add_up_until_they_are_cleared()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 1f, 2 }, requires_grad: true);
        Assert.Null(x.grad);
        x.pow(2).sum().backward();
        x.sum().backward();
        NumericAssert.Close([3, 5], x.grad!);
        x.grad = null;
        Assert.Null(x.grad);
        x.grad = ones(2);
        NumericAssert.Close([1, 1], x.grad!);
        x.grad!.mul_(3);
        NumericAssert.Close([3, 3], x.grad!);
    }

    [Fact]
    public void A_graph_is_used_up_unless_it_is_retained()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, requires_grad: true);
        var y = x.exp().sum();
        y.backward(retain_graph: true);
        y.backward();
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => y.backward());
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => x.exp().backward());
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => ones(1).backward());
        x.exp().backward([ones(2)]);
    }

    [Fact]
    public void Leaves_and_their_descendants_are_told_apart()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, requires_grad: true);
        var y = x * 2;
        Assert.True(x.is_leaf && x.requires_grad);
        Assert.True(!y.is_leaf && y.requires_grad);
        Assert.False(y.detach().requires_grad);
        y.retain_grad();
        y.sum().backward();
        NumericAssert.Close([1, 1], y.grad!);
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => x.add_(1));
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => arange(2).requires_grad = true);
    }

    [Fact]
    public void Gradients_of_gradients_can_be_asked_for()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 2.0, 3 }, requires_grad: true);
        var unused = ones(1, requires_grad: true);
        var first = autograd.grad([x.pow(3).sum()], [x], create_graph: true)[0];
        NumericAssert.Close([12, 27], first);
        NumericAssert.Close([12, 18], autograd.grad([first.sum()], [x])[0]);
        Assert.Null(x.grad);
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => autograd.grad([x.sum()], [unused]));
        Assert.True(autograd.grad([x.sum()], [x, unused], allow_unused: true)[1].IsInvalid);
    }

    [Fact]
    public void Only_the_inputs_that_are_named_get_a_gradient()
    {
        using var scope = NewDisposeScope();
        Tensor a = ones(1, requires_grad: true), b = ones(1, requires_grad: true);
        (a * b).backward(inputs: [a]);
        Assert.NotNull(a.grad);
        Assert.Null(b.grad);
    }
}
