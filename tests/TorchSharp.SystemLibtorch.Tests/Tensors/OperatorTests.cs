using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.Tensors;

public sealed class OperatorTests
{
    private static readonly double[] X = [-2.5, -1, -0.25, 0, 0.5, 1, 3];
    private static readonly double[] Y = [2, -0.5, 4, 1, -3, 0.25, 2];

    public static TheoryData<string, Func<Tensor, Tensor>, Func<double, double>> Unary() => new()
    {
        { "abs", x => x.abs(), Math.Abs },
        { "neg", x => -x, x => -x },
        { "exp", x => x.exp(), Math.Exp },
        { "expm1", x => x.expm1(), x => Math.Exp(x) - 1 },
        { "log", x => x.abs().add(1).log(), x => Math.Log(Math.Abs(x) + 1) },
        { "log2", x => x.abs().add(1).log2(), x => Math.Log2(Math.Abs(x) + 1) },
        { "log1p", x => x.abs().log1p(), x => Math.Log(Math.Abs(x) + 1) },
        { "sqrt", x => x.abs().sqrt(), x => Math.Sqrt(Math.Abs(x)) },
        { "rsqrt", x => x.abs().add(1).rsqrt(), x => 1 / Math.Sqrt(Math.Abs(x) + 1) },
        { "reciprocal", x => x.add(10).reciprocal(), x => 1 / (x + 10) },
        { "square", x => x.square(), x => x * x },
        { "sin", x => x.sin(), Math.Sin },
        { "cos", x => x.cos(), Math.Cos },
        { "tan", x => x.tan(), Math.Tan },
        { "tanh", x => x.tanh(), Math.Tanh },
        { "sinh", x => x.sinh(), Math.Sinh },
        { "cosh", x => x.cosh(), Math.Cosh },
        { "atan", x => x.atan(), Math.Atan },
        { "sigmoid", x => x.sigmoid(), x => 1 / (1 + Math.Exp(-x)) },
        { "floor", x => x.floor(), Math.Floor },
        { "ceil", x => x.ceil(), Math.Ceiling },
        { "trunc", x => x.trunc(), Math.Truncate },
        { "round", x => x.round(), x => Math.Round(x, MidpointRounding.ToEven) },
        { "frac", x => x.frac(), x => x - Math.Truncate(x) },
        { "sign", x => x.sign(), x => Math.Sign(x) },
        { "relu", x => x.relu(), x => Math.Max(x, 0) },
        { "silu", x => x.silu(), x => x / (1 + Math.Exp(-x)) },
        { "gelu tanh", x => x.gelu(Modules.GELU.Approximate.tanh), x => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))) },
        { "leaky_relu", x => x.leaky_relu(0.1), x => x > 0 ? x : 0.1 * x },
        { "elu", x => x.elu(), x => x > 0 ? x : Math.Exp(x) - 1 },
        { "softplus", x => x.softplus(), x => Math.Log(1 + Math.Exp(x)) },
        { "log_sigmoid", x => x.log_sigmoid(), x => -Math.Log(1 + Math.Exp(-x)) },
        { "clamp", x => x.clamp(-1, 1), x => Math.Clamp(x, -1, 1) },
        { "clamp from below", x => x.clamp(min: 0.25), x => Math.Max(x, 0.25) },
        { "clamp_max", x => x.clamp_max(0.25), x => Math.Min(x, 0.25) },
        { "x + 2", x => x + 2, x => x + 2 },
        { "2 - x", x => 2 - x, x => 2 - x },
        { "x * 0.5f", x => x * 0.5f, x => x * 0.5 },
        { "2 / (x + 10)", x => 2 / (x + 10), x => 2 / (x + 10) },
        { "x / 4L", x => x / 4L, x => x / 4 },
        { "x % 2", x => x % 2, x => x - (2 * Math.Floor(x / 2)) },
        { "fmod", x => x.fmod(2), x => x % 2 },
        { "pow", x => x.pow(3), x => x * x * x },
        { "div floor", x => x.div(2, RoundingMode.floor), x => Math.Floor(x / 2) },
        { "div trunc", x => x.div(2, RoundingMode.trunc), x => Math.Truncate(x / 2) },
        { "add alpha", x => x.add(3, 2), x => x + 6 },
        { "nan_to_num", x => x.div(0).nan_to_num(1, 2, 3), x => x > 0 ? 2 : x < 0 ? 3 : 1 },
        { "lt", x => x.lt(0.5), x => x < 0.5 ? 1 : 0 },
        { "not", x => x.gt(0).logical_not(), x => x > 0 ? 0 : 1 },
        { "in place", x => x.clone().add_(1).mul_(2).sub_(0.5).div_(4).neg_().exp_().sqrt_(), x => Math.Sqrt(Math.Exp(-((((x + 1) * 2) - 0.5) / 4))) },
        { "fill_", x => x.clone().fill_(4), _ => 4 },
        { "zero_", x => x.clone().zero_(), _ => 0 },
    };

    public static TheoryData<string, Func<Tensor, Tensor, Tensor>, Func<double, double, double>> Binary() => new()
    {
        { "+", (x, y) => x + y, (x, y) => x + y },
        { "-", (x, y) => x - y, (x, y) => x - y },
        { "*", (x, y) => x * y, (x, y) => x * y },
        { "/", (x, y) => x / y, (x, y) => x / y },
        { "%", (x, y) => x % y, (x, y) => x - (y * Math.Floor(x / y)) },
        { "add alpha", (x, y) => x.add(y, 3), (x, y) => x + (3 * y) },
        { "pow", (x, y) => x.abs().pow(y.abs()), (x, y) => Math.Pow(Math.Abs(x), Math.Abs(y)) },
        { "maximum", (x, y) => x.maximum(y), Math.Max },
        { "minimum", (x, y) => minimum(x, y), Math.Min },
        { "atan2", (x, y) => x.atan2(y), Math.Atan2 },
        { "<", (x, y) => x < y, (x, y) => x < y ? 1 : 0 },
        { ">=", (x, y) => x >= y, (x, y) => x >= y ? 1 : 0 },
        { "!=", (x, y) => x != y, (x, y) => x != y ? 1 : 0 },
        { "and", (x, y) => x.gt(0).logical_and(y.gt(0)), (x, y) => x > 0 && y > 0 ? 1 : 0 },
        { "|", (x, y) => x.gt(0) | y.gt(0), (x, y) => x > 0 || y > 0 ? 1 : 0 },
        { "lerp", (x, y) => x.lerp(y, x.full_like(0.25)), (x, y) => x + (0.25 * (y - x)) },
        { "addcmul", (x, y) => x.addcmul(x, y, 2), (x, y) => x + (2 * x * y) },
        { "addcdiv_", (x, y) => x.clone().addcdiv_(x, y, 2), (x, y) => x + (2 * x / y) },
        { "mul_", (x, y) => x.clone().mul_(y).add_(y, 2), (x, y) => (x * y) + (2 * y) },
        { "where", (x, y) => where(x.gt(0), x, y), (x, y) => x > 0 ? x : y },
    };

    [Theory]
    [MemberData(nameof(Unary))]
    public void Computes_element_by_element(string name, Func<Tensor, Tensor> actual, Func<double, double> expected)
    {
        using var scope = NewDisposeScope();
        foreach (var (dtype, tolerance) in new[] { (float64, 1e-9), (float32, 1e-5) })
        {
            var result = actual(tensor(X).to(dtype));
            Assert.True(Matches(X.Select(expected), result, tolerance), $"{name} in {dtype}: {string.Join(' ', NumericAssert.Numbers(result))}");
        }
    }

    [Theory]
    [MemberData(nameof(Binary))]
    public void Computes_pair_by_pair(string name, Func<Tensor, Tensor, Tensor> actual, Func<double, double, double> expected)
    {
        using var scope = NewDisposeScope();
        var result = actual(tensor(X), tensor(Y));
        Assert.True(Matches(X.Zip(Y, expected), result, 1e-9), name);
    }

    [Fact]
    public void Shapes_broadcast_and_dtypes_promote()
    {
        using var scope = NewDisposeScope();
        NumericAssert.Shape([2, 3], ones(2, 1) + ones(3));
        Assert.Equal(float32, (arange(3) + 0.5).dtype);
        Assert.Equal(float64, (ones(3) + ones(3, dtype: float64)).dtype);
        Assert.Equal(int64, (arange(3) * 2).dtype);
        Assert.Equal(float32, (arange(3) / 2).dtype);
        Assert.Equal(float32, (ones(3) * 2.0).dtype);
        Assert.Equal(bfloat16, (ones(3, dtype: bfloat16) + 1).dtype);
    }

    [Fact]
    public void In_place_operators_return_the_tensor_itself()
    {
        using var scope = NewDisposeScope();
        var x = ones(3);
        Assert.Same(x, x.add_(1));
        Assert.Same(x, x.clamp_(0, 1));
        Assert.Same(x, x.copy_(zeros(3)));
        Assert.Same(x, x.requires_grad_(false));
        // These four make another object in TorchSharp, and so they do here.
        Assert.NotSame(x, x.zero_());
        Assert.NotSame(x, x.view(1, 3).tril_());
        Assert.NotSame(x, x.gelu_());
        Assert.NotSame(x, x.alias());
        x.alias().fill_(5);
        NumericAssert.Close([5, 5, 5], x);
    }

    [Fact]
    public void Reductions_reduce()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new double[,] { { 1, 5, 3 }, { 4, -2, 0 } });
        NumericAssert.Close([11], x.sum());
        NumericAssert.Close([5, 3, 3], x.sum(0L));
        NumericAssert.Close([9, 2], x.sum([1L], keepdim: true));
        Assert.Equal(float32, x.sum(float32).dtype);
        NumericAssert.Close([11 / 6.0], x.mean());
        NumericAssert.Close([3, 2 / 3.0], x.mean([1L]));
        NumericAssert.Close([0], x.prod());
        NumericAssert.Close([4, 28 / 3.0], x.var(1));
        NumericAssert.Close([8 / 3.0, 56 / 9.0], x.var(1, unbiased: false));
        NumericAssert.Close([2, Math.Sqrt(28 / 3.0)], x.std(1));
        var (values, indexes) = x.max(1);
        NumericAssert.Close([5, 4], values);
        NumericAssert.Close([1, 0], indexes);
        NumericAssert.Close([1, -2, 0], x.min(0).values);
        NumericAssert.Close([4, 5, 3], x.amax(0));
        NumericAssert.Close([-2], x.amin([0L, 1L]));
        NumericAssert.Close([1], x.argmax());
        NumericAssert.Close([0, 1], x.argmin(1));
        NumericAssert.Close([Math.Sqrt(55)], x.norm());
        NumericAssert.Close([15], x.norm(1f));
        NumericAssert.Close([9, 6], x.norm(1, p: 1f));
        NumericAssert.Close([Math.Sqrt(55)], linalg.norm(x));
        NumericAssert.Close([5], linalg.vector_norm(x, double.PositiveInfinity));
        NumericAssert.Close([5], x.count_nonzero());
        Assert.False((bool)x.all());
        Assert.True((bool)x.any());
        NumericAssert.Close([1, 0], x.all(1));
        NumericAssert.Close([1, 6, 9, 4, 2, 2], x.cumsum(1).flatten());
        NumericAssert.Close([Math.Log(Math.Exp(1) + Math.Exp(4))], x.logsumexp(0)[0], 1e-9);
    }

    [Fact]
    public void Order_is_found()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 3.0, 1, 4, 1, 5 });
        var (values, indexes) = x.topk(2);
        NumericAssert.Close([5, 4], values);
        NumericAssert.Close([4, 2], indexes);
        NumericAssert.Close([1, 1], x.topk(2, largest: false).values);
        var (sorted, order) = x.sort(stable: true);
        NumericAssert.Close([1, 1, 3, 4, 5], sorted);
        NumericAssert.Close([1, 3, 0, 2, 4], order);
        NumericAssert.Close([5, 4, 3, 1, 1], sort(x, descending: true).values);
        NumericAssert.Close([4, 2, 0], x.argsort(descending: true)[..3]);
        NumericAssert.Close([3], x.kthvalue(3, null).values);
        var (unique, inverse, counts) = x.unique(return_inverse: true, return_counts: true);
        NumericAssert.Close([1, 3, 4, 5], unique);
        NumericAssert.Close([1, 0, 2, 0, 3], inverse!);
        NumericAssert.Close([2, 1, 1, 1], counts!);
        Assert.Null(x.unique().counts);
        NumericAssert.Close([0, 2, 2], tensor(new[] { 0.5, 2, 3 }).bucketize(tensor(new[] { 1.0, 2.0 }), right: true));
    }

    [Fact]
    public void Probabilities_sum_to_one()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new double[,] { { 1, 2, 3 }, { 1000, 1000, 1000 } });
        NumericAssert.Close([1, 1], x.softmax(1).sum(1), 1e-12);
        NumericAssert.Close([1 / 3.0, 1 / 3.0, 1 / 3.0], x.softmax(-1)[1], 1e-12);
        Assert.True(x.log_softmax(1).allclose(x.softmax(1).log()));
        Assert.Equal(float32, softmax(x, 1, float32).dtype);
    }

    [Fact]
    public void Matrices_multiply()
    {
        using var scope = NewDisposeScope();
        Tensor a = tensor(new double[,] { { 1, 2 }, { 3, 4 } }), v = tensor(new double[] { 1, -1 });
        NumericAssert.Close([7, 10, 15, 22], a.mm(a).flatten());
        NumericAssert.Close([-1, -1], a.mv(v));
        NumericAssert.Close([-1, -1], matmul(a, v));
        NumericAssert.Close([2], v.dot(v));
        NumericAssert.Close([1, -1, -1, 1], outer(v, v).flatten());
        NumericAssert.Close([15, 22, 33, 48], addmm(a, a, a, 1, 2).flatten());
        NumericAssert.Close([7, 10, 15, 22], a.unsqueeze(0).bmm(a.unsqueeze(0)).flatten());
        NumericAssert.Close([5], a.trace());
        NumericAssert.Shape([5, 2, 2], ones(5, 2, 3).matmul(ones(3, 2)));
    }

    private static bool Matches(IEnumerable<double> expected, Tensor actual, double tolerance) =>
        expected.Zip(NumericAssert.Numbers(actual)).All(pair => Math.Abs(pair.First - pair.Second) <= tolerance * Math.Max(1, Math.Abs(pair.First)));
}
