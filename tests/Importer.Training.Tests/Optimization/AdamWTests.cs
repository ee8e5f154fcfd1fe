using Importer.Training.Optimization;
using Tests.Shared;
using TorchSharp.Modules;
using static TorchSharp.torch;
using AdamW = Importer.Training.Optimization.AdamW;

namespace Importer.Training.Tests.Optimization;

[Collection(TorchCollection.Name)]
public sealed class AdamWTests
{
    private static readonly long[][] Shapes = [[1], [7], [64], [3, 5], [130, 1027]];

    [Theory]
    [InlineData(0.0, 0.0)]
    [InlineData(0.1, 1.0)]
    [InlineData(0.1, 1e6)]
    public void Equals_torchs_formula_in_f64_over_many_steps(double weightDecay, double maxNorm)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(1).Dispose();
        var parameters = Parameters(ScalarType.Float32);
        using var optimizer = new AdamW(ParameterGroup.ByDimension(parameters, weightDecay));
        var reference = parameters.ToDictionary(p => p.Name, p => new Reference(p.Parameter, p.Parameter.dim() >= 2 ? weightDecay : 0));
        for (int step = 1; step <= 20; step++)
        {
            double rate = 1e-2 / step;
            SetGradients(parameters);
            double expected = Math.Sqrt(parameters.Sum(p => p.Parameter.grad!.to(ScalarType.Float64).square().sum().item<double>()));
            double scale = maxNorm > 0 ? Math.Min(1, maxNorm / (expected + 1e-6)) : 1;
            foreach (var (name, parameter) in parameters)
            {
                reference[name].Step(parameter.grad!, rate, scale);
            }

            double norm = optimizer.Step(rate, maxNorm);
            Assert.Equal(expected, norm, 1e-6 * expected);
            optimizer.ZeroGradients();
            Assert.All(parameters, p => Assert.Null(p.Parameter.grad));
        }

        foreach (var (name, parameter) in parameters)
        {
            Assert.True(parameter.allclose(reference[name].Value.to(ScalarType.Float32), 1e-5, 1e-6), name);
        }
    }

    [Fact]
    public void The_vectorised_pass_and_the_operators_agree()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(2).Dispose();
        var plain = Parameters(ScalarType.Float32);
        var strided = plain.Select(p =>
        {
            // The same numbers behind strides, which the pass over plain memory does not take.
            using var mode = no_grad();
            var wide = zeros([2, .. p.Parameter.shape]);
            wide.select(0, 0).copy_(p.Parameter);
            long[] order = [.. Enumerable.Range(1, p.Parameter.shape.Length).Select(i => (long)i), 0];
            var view = wide.permute(order).contiguous().select(-1, 0);
            return (p.Name, Parameter: new Parameter(view));
        }).ToList();
        Assert.Contains(strided, p => !p.Parameter.is_contiguous());
        using var first = new AdamW(ParameterGroup.ByDimension(plain, 0.1));
        using var second = new AdamW(ParameterGroup.ByDimension(strided, 0.1));
        for (int step = 0; step < 5; step++)
        {
            SetGradients(plain);
            foreach (var ((_, from), (_, to)) in plain.Zip(strided))
            {
                to.grad = from.grad!.clone();
            }

            Assert.Equal(first.Step(1e-3, 1), second.Step(1e-3, 1), 1e-3);
        }

        foreach (var ((name, a), (_, b)) in plain.Zip(strided))
        {
            Assert.True(a.allclose(b, 1e-5, 1e-7), name);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Threads_do_not_change_a_bit(int threads)
    {
        int before = get_num_threads();
        try
        {
            using var scope = NewDisposeScope();
            Assert.Equal(Run(1), Run(threads));
        }
        finally
        {
            set_num_threads(before);
        }

        static (double, string) Run(int threads)
        {
            set_num_threads(threads);
            random.manual_seed(3).Dispose();
            var parameters = Parameters(ScalarType.Float32);
            using var optimizer = new AdamW(ParameterGroup.ByDimension(parameters, 0.1));
            SetGradients(parameters);
            double norm = optimizer.Step(1e-3, 1);
            return (norm, Convert.ToHexString(System.Security.Cryptography.SHA256.HashData([.. parameters.SelectMany(p => p.Parameter.bytes.ToArray())])));
        }
    }

    [Fact]
    public void Parameters_without_a_gradient_and_those_that_are_frozen_stay()
    {
        using var scope = NewDisposeScope();
        var trained = new Parameter(ones(3, 3));
        var idle = new Parameter(ones(3, 3));
        var frozen = new Parameter(ones(3, 3), requires_grad: false);
        using var optimizer = new AdamW(ParameterGroup.ByDimension([("a", trained), ("b", idle), ("c", frozen)], 0.1));
        trained.grad = ones(3, 3);
        optimizer.Step(1e-2);
        Assert.Equal(["a", "b"], optimizer.Names);
        Assert.NotEqual(1, trained[0, 0].item<float>());
        Assert.Equal(1, idle[0, 0].item<float>());
        Assert.Equal(1, optimizer.Tensors.Single(t => t.Name == "a.step").Tensor.item<long>());
        Assert.Equal(0, optimizer.Tensors.Single(t => t.Name == "b.step").Tensor.item<long>());
    }

    [Fact]
    public void State_that_is_copied_goes_on_bit_for_bit()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(4).Dispose();
        var one = Parameters(ScalarType.Float32);
        using var optimizer = new AdamW(ParameterGroup.ByDimension(one, 0.1));
        SetGradients(one);
        optimizer.Step(1e-3);
        var two = one.Select(p => (p.Name, new Parameter(p.Parameter.detach().clone()))).ToList();
        using var other = new AdamW(ParameterGroup.ByDimension(two, 0.1));
        foreach (var (from, to) in optimizer.Tensors.Zip(other.Tensors))
        {
            Assert.Equal(from.Name, to.Name);
            to.Tensor.copy_(from.Tensor);
        }

        SetGradients(one);
        foreach (var ((_, from), (_, to)) in one.Zip(two))
        {
            to.grad = from.grad!.clone();
        }

        optimizer.Step(1e-3, 1);
        other.Step(1e-3, 1);
        foreach (var ((_, a), (_, b)) in one.Zip(two))
        {
            Assert.Equal(a.bytes.ToArray(), b.bytes.ToArray());
        }
    }

    [Fact]
    public void Temporaries_are_gone_after_a_step()
    {
        using var scope = NewDisposeScope();
        var parameters = Parameters(ScalarType.Float32);
        using var optimizer = new AdamW(ParameterGroup.ByDimension(parameters, 0.1));
        long before = LiveTensors.Settle();
        for (int i = 0; i < 5; i++)
        {
            using (NewDisposeScope())
            {
                SetGradients(parameters);
            }

            optimizer.Step(1e-3, 1);
            optimizer.ZeroGradients();
        }

        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void A_name_that_is_there_twice_is_refused()
    {
        using var scope = NewDisposeScope();
        var parameter = new Parameter(ones(2));
        Assert.Throws<ArgumentException>(() => new AdamW([new([("a", parameter), ("a", parameter)], 0)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new AdamW([], new AdamWOptions { Beta1 = 1 }));
    }

    private static List<(string Name, Parameter Parameter)> Parameters(ScalarType dtype) =>
        [.. Shapes.Select((shape, i) => ($"p{i}", new Parameter(randn(shape, dtype: dtype))))];

    private static void SetGradients(List<(string Name, Parameter Parameter)> parameters)
    {
        foreach (var (_, parameter) in parameters)
        {
            parameter.grad = randn(parameter.shape, dtype: parameter.dtype);
        }
    }

    /// <summary>torch.optim.AdamW as its documentation states it, in f64.</summary>
    private sealed class Reference(Tensor parameter, double weightDecay)
    {
        private const double Beta1 = 0.9, Beta2 = 0.95, Epsilon = 1e-8;
        private Tensor _mean = zeros_like(parameter, dtype: ScalarType.Float64), _square = zeros_like(parameter, dtype: ScalarType.Float64);
        private int _step;

        public Tensor Value { get; private set; } = parameter.detach().to(ScalarType.Float64);

        public void Step(Tensor gradient, double rate, double scale)
        {
            _step++;
            var g = gradient.to(ScalarType.Float64) * scale;
            _mean = _mean * Beta1 + g * (1 - Beta1);
            _square = _square * Beta2 + g * g * (1 - Beta2);
            var mean = _mean / (1 - Math.Pow(Beta1, _step));
            var square = _square / (1 - Math.Pow(Beta2, _step));
            Value = Value * (1 - rate * weightDecay) - mean / (square.sqrt() + Epsilon) * rate;
        }
    }
}
