namespace Importer.Inspection.Statistics;

/// <summary>
/// A tensor's values in figures, computed in double precision. Minimum, maximum, mean and deviation are over the finite values;
/// whole numbers beyond 2^53 are rounded to double. Of complex numbers both parts count as values.
/// </summary>
public sealed record TensorStatistics
{
    /// <summary>The number of values.</summary>
    public required long Count { get; init; }

    /// <summary>How many are NaN.</summary>
    public required long NaNs { get; init; }

    /// <summary>How many are positive infinity.</summary>
    public required long PositiveInfinities { get; init; }

    /// <summary>How many are negative infinity.</summary>
    public required long NegativeInfinities { get; init; }

    /// <summary>How many are zero, of either sign.</summary>
    public required long Zeros { get; init; }

    /// <summary>The least finite value; null where there is none.</summary>
    public double? Min { get; init; }

    /// <summary>The greatest finite value; null where there is none.</summary>
    public double? Max { get; init; }

    /// <summary>The mean of the finite values; null where there is none.</summary>
    public double? Mean { get; init; }

    /// <summary>
    /// The standard deviation of the finite values, of all and not of a sample: the sum of squares is divided by their number, as
    /// <c>numpy.std</c> does and <c>torch.std</c> with <c>correction=0</c>. Null where there is none.
    /// </summary>
    public double? StandardDeviation { get; init; }

    /// <summary>How the finite values are spread; null where it was not asked for, or there is none.</summary>
    public TensorHistogram? Histogram { get; init; }

    /// <summary>How many values are finite.</summary>
    public long Finite => Count - NaNs - PositiveInfinities - NegativeInfinities;
}
