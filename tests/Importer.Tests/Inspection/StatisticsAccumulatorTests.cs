using System.Numerics;
using Importer.Inspection.Statistics;

namespace Importer.Tests.Inspection;

public sealed class StatisticsAccumulatorTests
{
    private static TensorStatistics Of(IEnumerable<double> values, int portion = 1000)
    {
        var accumulator = new StatisticsAccumulator();
        foreach (double[] chunk in values.Chunk(portion))
        {
            accumulator.Add(chunk);
        }

        return accumulator.Finish();
    }

    [Fact]
    public void No_values_have_no_figures()
    {
        var nothing = Of([]);

        Assert.Equal((0L, 0L, null, null, null, null), (nothing.Count, nothing.NaNs, nothing.Min, nothing.Max, nothing.Mean, nothing.StandardDeviation));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    public void What_is_no_finite_number_is_counted_and_left_out(int portion)
    {
        var s = Of([1, double.NaN, -3, double.PositiveInfinity, 0, double.NegativeInfinity, -0.0, double.NegativeInfinity, 2], portion);

        Assert.Equal((9L, 1L, 1L, 2L, 2L, 5L), (s.Count, s.NaNs, s.PositiveInfinities, s.NegativeInfinities, s.Zeros, s.Finite));
        Assert.Equal((-3, 2, 0), (s.Min, s.Max, s.Mean));
        Assert.Equal(Math.Sqrt(14 / 5.0), s.StandardDeviation!.Value, 15);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(1001)]
    public void The_largest_numbers_there_are_have_a_finite_deviation(int count)
    {
        var s = Of(Enumerable.Range(0, count).Select(i => i % 2 == 0 ? double.MaxValue : -double.MaxValue), 100);

        Assert.Equal((double.MaxValue, -double.MaxValue), (s.Max, s.Min));
        Assert.InRange(s.StandardDeviation!.Value, 0.9 * double.MaxValue, double.MaxValue);
    }

    [Fact]
    public void Only_nan_has_no_figures()
    {
        var s = Of([double.NaN, double.NaN]);

        Assert.Equal((2L, 2L, null, null), (s.Count, s.NaNs, s.Mean, s.Min));
    }

    // Whole numbers, so that the exact answer is known: sums of squares of values around 1e9 need 60 bits and more.
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1_000_000_000, 2048)]
    [InlineData(4_503_599_627_370_496, 333)]
    public void A_large_mean_costs_no_digits(long center, int portion)
    {
        var random = new Random(3);
        long[] values = [.. Enumerable.Range(0, 200_000).Select(_ => center + random.Next(-1000, 1000))];
        var sum = values.Aggregate(BigInteger.Zero, (total, value) => total + value);
        var squares = values.Aggregate(BigInteger.Zero, (total, value) => total + BigInteger.Pow(((BigInteger)value * values.Length) - sum, 2));
        double mean = center + (double)(sum - (BigInteger)center * values.Length) / values.Length;
        double deviation = Math.Sqrt((double)squares / Math.Pow(values.Length, 3));

        var s = Of(values.Select(value => (double)value), portion);

        Assert.Equal(mean, s.Mean!.Value, Math.Max(1e-9, mean * 4e-16));
        Assert.Equal(deviation, s.StandardDeviation!.Value, deviation * 1e-9);
        Assert.Equal((values.Min(), values.Max()), ((long)s.Min!.Value, (long)s.Max!.Value));
    }

    [Fact]
    public void Numbers_whose_squares_overflow_have_a_deviation()
    {
        var s = Of([1.5e308, -1.5e308, 1.5e308, -1.5e308], 2);
        var late = Of([.. Enumerable.Repeat(1.0, 5000), 1e200, -1e200], 1000);

        Assert.Equal((0.0, 1.5e308), (s.Mean, s.StandardDeviation!.Value));
        Assert.Equal(1e200 * Math.Sqrt(2 / 5002.0), late.StandardDeviation!.Value, 1e186);
        Assert.Equal(1.0, Of([1.7e308, 1.7e308, 1.7e308]).Mean!.Value / 1.7e308, 15);
    }

    [Fact]
    public void The_least_numbers_keep_their_digits()
    {
        var s = Of([double.Epsilon, 3 * double.Epsilon]);

        Assert.Equal((double.Epsilon, 3 * double.Epsilon, 2 * double.Epsilon), (s.Min, s.Max, s.Mean));
    }

    [Fact]
    public void Portions_do_not_matter()
    {
        var random = new Random(5);
        double[] values = [.. Enumerable.Range(0, 50_000).Select(_ => random.NextDouble() - 0.3)];

        Assert.All(new[] { 1, 3, 64, 4096, 50_000 }, portion =>
        {
            var s = Of(values, portion);
            Assert.Equal(values.Average(), s.Mean!.Value, 13);
            Assert.Equal(Of(values, 777).StandardDeviation!.Value, s.StandardDeviation!.Value, 13);
        });
    }
}
