namespace Importer.Generation;

/// <summary>
/// e to the power of x in additions and multiplications alone. The exponential of a platform's library differs in its last
/// bit from machine to machine, and a draw would with it.
/// </summary>
internal static class PortableExp
{
    private const double Log2E = 1.4426950408889634, Ln2High = 0.6931471803691238, Ln2Low = 1.9082149292705877e-10;

    // 1/n!, n = 13 down to 2: on |r| <= ln(2)/2 the rest of the series is below 2e-17.
    private static ReadOnlySpan<double> Coefficients =>
    [
        1 / 6227020800.0, 1 / 479001600.0, 1 / 39916800.0, 1 / 3628800.0, 1 / 362880.0, 1 / 40320.0, 1 / 5040.0, 1 / 720.0, 1 / 120.0, 1 / 24.0, 1 / 6.0, 0.5,
    ];

    /// <summary>exp(x) for x up to 0; 0 below -700.</summary>
    public static double OfNonPositive(double x)
    {
        if (!(x >= -700))
        {
            return 0;
        }

        double power = Math.Floor(x * Log2E + 0.5);
        double r = x - power * Ln2High - power * Ln2Low;
        double sum = 0;
        foreach (double coefficient in Coefficients)
        {
            sum = sum * r + coefficient;
        }

        sum = (sum * r + 1) * r + 1;
        return sum * BitConverter.Int64BitsToDouble((1023 + (long)power) << 52);
    }
}
