using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.NN;

public sealed class LayerTests
{
    [Fact]
    public void Linear_multiplies_and_adds()
    {
        using var scope = NewDisposeScope();
        using var layer = nn.Linear(tensor(new double[,] { { 1, 2 }, { 3, 4 }, { 5, 6 } }).AsParameter(), tensor(new double[] { 1, 0, -1 }).AsParameter());
        Assert.Equal((2, 3), (layer.in_features, layer.out_features));
        NumericAssert.Close([4, 7, 10], layer.call(tensor(new double[] { 1, 1 })));
        Assert.Equal(["weight", "bias"], layer.named_parameters().Select(p => p.name));
        using var plain = nn.Linear(2, 3, hasBias: false, dtype: bfloat16);
        Assert.Null(plain.bias);
        Assert.Equal(bfloat16, plain.weight.dtype);
    }

    [Fact]
    public void Linear_starts_within_its_bounds()
    {
        using var scope = NewDisposeScope();
        manual_seed(0);
        using var layer = nn.Linear(400, 300);
        double bound = 1 / Math.Sqrt(400);
        Assert.InRange(layer.weight.abs().max().ToDouble(), bound * 0.99, bound);
        Assert.InRange(layer.bias!.abs().max().ToDouble(), bound * 0.9, bound);
        Assert.True(layer.weight.requires_grad && layer.weight.is_leaf);
    }

    [Fact]
    public void A_weight_can_be_exchanged()
    {
        using var scope = NewDisposeScope();
        using var layer = nn.Linear(2, 2);
        var old = layer.weight;
        layer.weight = new Parameter(zeros(2, 2));
        layer.bias = null;
        Assert.True(old.IsInvalid);
        Assert.Same(layer.weight, layer.get_parameter("weight"));
        Assert.Single(layer.parameters());
        NumericAssert.Close([0, 0], layer.call(ones(2)));
    }

    [Fact]
    public void LayerNorm_normalizes()
    {
        using var scope = NewDisposeScope();
        using var norm = nn.LayerNorm(3, eps: 0);
        var y = norm.call(tensor(new[] { 1f, 2, 6 }));
        NumericAssert.Close([0], y.mean(), 1e-6);
        NumericAssert.Close([1], y.var(unbiased: false), 1e-5);
        using var bare = nn.LayerNorm([2L, 3L], elementwise_affine: false);
        Assert.Empty(bare.parameters());
        using var noBias = nn.LayerNorm(3, bias: false);
        Assert.Equal(["weight"], noBias.named_parameters().Select(p => p.name));
    }

    [Fact]
    public void Embedding_looks_rows_up()
    {
        using var scope = NewDisposeScope();
        using var table = nn.Embedding_from_pretrained(arange(6f, float32).reshape(3, 2), freeze: false);
        NumericAssert.Close([4, 5, 0, 1], table.call(tensor(new long[] { 2, 0 })).flatten());
        NumericAssert.Shape([1, 2, 2], table.call(tensor(new long[,] { { 2, 0 } })));
        table.call(tensor(new long[] { 2, 2 })).sum().backward();
        NumericAssert.Close([0, 0, 0, 0, 2, 2], table.weight!.grad!.flatten());
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => table.call(tensor(new long[] { 3 })));
        using var padded = nn.Embedding(4, 2, padding_idx: 1);
        NumericAssert.Close([0, 0], padded.weight![1]);
        padded.call(tensor(new long[] { 1, 2 })).sum().backward();
        NumericAssert.Close([0, 0, 1, 1], padded.weight.grad![1..3].flatten());
        using var limited = nn.Embedding(2, 2, max_norm: 0.5);
        using (no_grad())
            limited.weight!.fill_(3);
        Assert.Equal(0.5, limited.call(zeros(1, dtype: int64)).norm().ToDouble(), 1e-5);
        Assert.Equal(float64, nn.Embedding(2, 2, dtype: float64).weight!.dtype);
    }

    [Fact]
    public void Dropout_keeps_the_expectation_and_rests_in_evaluation()
    {
        using var scope = NewDisposeScope();
        manual_seed(0);
        using var drop = nn.Dropout(0.25);
        var x = ones(10_000);
        var y = drop.call(x);
        Assert.Equal(0.25, y.eq(0).@float().mean().ToDouble(), 0.02);
        Assert.Equal(1 / 0.75, y.max().ToDouble(), 1e-5);
        drop.eval();
        Assert.True(drop.call(x).Equals(x));
    }

    [Fact]
    public void GELU_comes_in_two_kinds()
    {
        using var scope = NewDisposeScope();
        var x = linspace(-3, 3, 13);
        Assert.True(nn.GELU().call(x).Equals(nn.functional.gelu(x)));
        Assert.True(nn.GELU(GELU.Approximate.tanh).call(x).Equals(x.gelu(GELU.Approximate.tanh)));
        Assert.False(nn.functional.gelu(x).Equals(x.gelu(GELU.Approximate.tanh)));
        Assert.True(nn.functional.gelu(x).allclose(x.gelu(GELU.Approximate.tanh), atol: 1e-3));
    }

    [Fact]
    public void Initial_values_follow_their_rules()
    {
        using var scope = NewDisposeScope();
        manual_seed(0);
        var w = empty(200, 300).AsParameter();
        Assert.Same(w, nn.init.normal_(w, 1, 0.02));
        Assert.Equal(1, w.mean().ToDouble(), 0.001);
        Assert.Equal(0.02, w.std().ToDouble(), 0.001);
        nn.init.kaiming_normal_(w, nonlinearity: nn.init.NonlinearityType.ReLU);
        Assert.Equal(Math.Sqrt(2.0 / 300), w.std().ToDouble(), 0.001);
        nn.init.xavier_uniform_(w);
        Assert.InRange(w.abs().max().ToDouble(), Math.Sqrt(6.0 / 500) * 0.99, Math.Sqrt(6.0 / 500));
        nn.init.constant_(w, 3);
        Assert.True((bool)(w == 3).all());
        nn.init.ones_(w);
        nn.init.zeros_(w);
        Assert.Equal(0, w.abs().max().ToDouble());
        Assert.True(w.requires_grad && w.is_leaf);
        Assert.Equal((6, 4), nn.init.CalculateFanInAndFanOut(empty(2, 3, 2)));
        Assert.Throws<ArgumentException>(() => nn.init.kaiming_uniform_(empty(3)));
    }

    [Fact]
    public void Gradients_are_clipped_together()
    {
        using var scope = NewDisposeScope();
        var a = new Parameter(zeros(2));
        var b = new Parameter(zeros(1));
        var none = new Parameter(zeros(1));
        a.grad = tensor(new[] { 3f, 0 });
        b.grad = tensor(new[] { 4f });
        Assert.Equal(5, nn.utils.clip_grad_norm_([a, b, none], 10), 1e-6);
        NumericAssert.Close([3, 0], a.grad!);
        Assert.Equal(5, nn.utils.clip_grad_norm_([a, b, none], 1), 1e-6);
        NumericAssert.Close([0.6, 0], a.grad!, 1e-6);
        NumericAssert.Close([0.8], b.grad!, 1e-6);
        Assert.Equal(0, nn.utils.clip_grad_norm_([none], 1));
    }
}
