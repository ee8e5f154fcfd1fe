using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests;

/// <summary>Compares tensors with numbers.</summary>
internal static class NumericAssert
{
    public static void Close(double[] expected, Tensor actual, double tolerance = 1e-6)
    {
        var numbers = Numbers(actual);
        Assert.Equal(expected.Length, numbers.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - numbers[i]) <= tolerance, $"[{i}]: expected {expected[i]}, got {numbers[i]}");
    }

    public static void Shape(long[] expected, Tensor actual) => Assert.Equal(expected, actual.shape);

    public static double[] Numbers(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.detach().to(float64).data<double>().ToArray();
    }
}
