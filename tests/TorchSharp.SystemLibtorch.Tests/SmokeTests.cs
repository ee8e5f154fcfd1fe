using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests;

public sealed class SmokeTests
{
    [Fact]
    public void A_linear_layer_learns()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var layer = nn.Linear(4, 3);
        var x = randn(8, 4);
        var loss = nn.functional.cross_entropy(layer.call(x), randint(0, 3, [8L]));
        loss.backward();
        Assert.Equal([3L, 4L], layer.weight.grad!.shape);
        Assert.True(loss.item<float>() > 0);
        var q = randn(1, 2, 5, 4);
        var y = nn.functional.scaled_dot_product_attention(q, q, q, is_casual: true);
        Assert.Equal([1L, 2L, 5L, 4L], y.shape);
        Assert.True(y[0, 0, 0].allclose(q[0, 0, 0], 1e-4));
        Assert.Equal("[1x2x5x4], type = Float32, device = cpu", y.ToString());
        var z = x[TensorIndex.Ellipsis, ^1];
        Assert.Equal([8L], z.shape);
        var e = Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => x.matmul(x));
        Assert.StartsWith("aten::matmul: ", e.Message);
    }
}
