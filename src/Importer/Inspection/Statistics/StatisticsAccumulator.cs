using System.Numerics;
using System.Runtime.InteropServices;

namespace Importer.Inspection.Statistics;

/// <summary>
/// Statistics of values that come in portions. Mean and sum of squares of a portion are computed in two passes over it, the second of
/// which also corrects the mean, and portions are put together by the formulas of Chan, Golub and LeVeque (1979). The mean has a second
/// double for the digits that the first has no room for, so neither large means nor many values cost any.
/// </summary>
internal sealed class StatisticsAccumulator
{
    // From here on squares, or sums of so many, could overflow: such values are scaled down by a power of two, which is exact.
    private const double Large = 1e140;
    private static readonly double Down = Math.ScaleB(1, -600);

    private long _count;
    private long _nans;
    private long _positive;
    private long _negative;
    private long _zeros;
    private long _finite;
    private double _min = double.PositiveInfinity;
    private double _max = double.NegativeInfinity;
    private double _mean;
    private double _meanRest;
    private double _squares;
    private double _scale = 1;

    /// <summary>Takes values in; small portions that stay in the first-level cache are best.</summary>
    /// <param name="values">The values; left in disorder.</param>
    public void Add(Span<double> values)
    {
        _count += values.Length;
        var (sum, min, max, zeros) = Sum(values);
        if (!double.IsFinite(sum) || !double.IsFinite(min) || !double.IsFinite(max))
        {
            values = TakeOutNonFinite(values);
            if (values.Length == 0)
            {
                return;
            }

            (sum, min, max, zeros) = Sum(values);
        }

        if (values.Length == 0)
        {
            return;
        }

        _min = Math.Min(_min, min);
        _max = Math.Max(_max, max);
        _zeros += zeros;
        if (_scale == 1 && Math.Max(Math.Abs(min), Math.Abs(max)) > Large)
        {
            _scale = Down;
            _mean *= Down;
            _meanRest *= Down;
            _squares *= Down * Down;
        }

        if (_scale != 1)
        {
            foreach (ref double value in values)
            {
                value *= _scale;
            }

            sum = Sum(values).Sum;
        }

        Merge(values.Length, sum / values.Length, values);
    }

    /// <summary>What the values come to so far.</summary>
    public TensorStatistics Finish(TensorHistogram? histogram = null) => new()
    {
        Count = _count,
        NaNs = _nans,
        PositiveInfinities = _positive,
        NegativeInfinities = _negative,
        Zeros = _zeros,
        Min = _finite == 0 ? null : _min,
        Max = _finite == 0 ? null : _max,
        Mean = _finite == 0 ? null : Math.Clamp((_mean + _meanRest) / _scale, _min, _max),
        StandardDeviation = _finite == 0 ? null : Math.Min(Math.Sqrt(_squares / _finite) / _scale, double.MaxValue),
        Histogram = histogram,
    };

    private void Merge(long count, double mean, ReadOnlySpan<double> values)
    {
        var (squares, rest) = SumOfSquares(values, mean);
        squares -= rest / count * rest;
        if (_finite == 0)
        {
            (_mean, _meanRest, _squares, _finite) = (mean, rest / count, Math.Max(0, squares), count);
            return;
        }

        double delta = mean - _mean + (rest / count - _meanRest);
        long all = _finite + count;
        _squares += Math.Max(0, squares) + delta * delta * ((double)_finite * count / all);

        // Knuth's sum of two: what rounding takes from the first double goes to the second.
        double step = delta * ((double)count / all), sum = _mean + step, part = sum - _mean;
        _meanRest += _mean - (sum - part) + (step - part);
        _mean = sum;
        _finite = all;
    }

    private Span<double> TakeOutNonFinite(Span<double> values)
    {
        int kept = 0;
        foreach (double value in values)
        {
            if (double.IsFinite(value))
            {
                values[kept++] = value;
            }
            else if (double.IsNaN(value))
            {
                _nans++;
            }
            else if (value > 0)
            {
                _positive++;
            }
            else
            {
                _negative++;
            }
        }

        return values[..kept];
    }

    private static (double Sum, double Min, double Max, long Zeros) Sum(ReadOnlySpan<double> values)
    {
        double sum = 0, min = double.PositiveInfinity, max = double.NegativeInfinity;
        long zeros = 0;
        var vectors = MemoryMarshal.Cast<double, Vector<double>>(values);
        if (vectors.Length > 0)
        {
            Vector<double> sums = Vector<double>.Zero, mins = vectors[0], maxs = vectors[0];
            var equal = Vector<long>.Zero;
            foreach (var vector in vectors)
            {
                sums += vector;
                mins = Vector.Min(mins, vector);
                maxs = Vector.Max(maxs, vector);
                equal -= Vector.Equals(vector, Vector<double>.Zero);
            }

            sum = Vector.Sum(sums);
            zeros = Vector.Sum(equal);
            for (int i = 0; i < Vector<double>.Count; i++)
            {
                min = Math.Min(min, mins[i]);
                max = Math.Max(max, maxs[i]);
            }
        }

        foreach (double value in values[(vectors.Length * Vector<double>.Count)..])
        {
            sum += value;
            min = Math.Min(min, value);
            max = Math.Max(max, value);
            zeros += value == 0 ? 1 : 0;
        }

        return (sum, min, max, zeros);
    }

    private static (double Squares, double Differences) SumOfSquares(ReadOnlySpan<double> values, double mean)
    {
        var vectors = MemoryMarshal.Cast<double, Vector<double>>(values);
        Vector<double> squares = Vector<double>.Zero, rests = Vector<double>.Zero, means = new(mean);
        foreach (var vector in vectors)
        {
            var difference = vector - means;
            squares += difference * difference;
            rests += difference;
        }

        double sum = Vector.Sum(squares), rest = Vector.Sum(rests);
        foreach (double value in values[(vectors.Length * Vector<double>.Count)..])
        {
            sum += (value - mean) * (value - mean);
            rest += value - mean;
        }

        return (sum, rest);
    }
}
