using static TorchSharp.torch;

namespace Importer.Training.Optimization;

/// <summary>The update by torch's operators, for what is not plain memory: other devices, other dtypes, strides.</summary>
internal static class AdamWOperators
{
    /// <summary>The sum of squares of all elements, in f64 over the tensors; the device is waited for once.</summary>
    public static double SumOfSquares(IReadOnlyList<Tensor> tensors)
    {
        if (tensors.Count == 0)
        {
            return 0;
        }

        using var scope = NewDisposeScope();
        var norms = tensors.Select(Norm).ToList();
        return stack(norms).square().sum().item<double>();

        static Tensor Norm(Tensor tensor)
        {
            using var inner = NewDisposeScope();
            var wide = tensor.dtype is ScalarType.Float32 or ScalarType.Float64 ? tensor : tensor.to(ScalarType.Float32);
            return wide.norm().to(ScalarType.Float64).MoveToOuterDisposeScope();
        }
    }

    public static void Update(AdamWState state, Tensor gradient, AdamWFactors factors)
    {
        using var scope = NewDisposeScope();
        var g = gradient.to(state.Mean.dtype);
        if (factors.Scale != 1)
        {
            g = g * factors.Scale;
        }

        state.Mean.mul_(factors.Beta1).add_(g, 1 - factors.Beta1);
        state.Square.mul_(factors.Beta2).addcmul_(g, g, 1 - factors.Beta2);
        var denominator = state.Square.sqrt().div_(factors.RootCorrection).add_(factors.Epsilon);
        if (factors.Keep != 1)
        {
            state.Parameter.mul_(factors.Keep);
        }

        // A parameter of a narrower dtype than its moments takes the finished change.
        if (state.Parameter.dtype == state.Mean.dtype)
        {
            state.Parameter.addcdiv_(state.Mean, denominator, -factors.StepSize);
        }
        else
        {
            state.Parameter.add_(state.Mean.div(denominator).mul_(-factors.StepSize).to(state.Parameter.dtype));
        }
    }
}
