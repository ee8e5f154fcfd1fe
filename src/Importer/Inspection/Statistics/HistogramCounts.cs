namespace Importer.Inspection.Statistics;

/// <summary>Counts finite values by bins of equal width between two that are known.</summary>
internal sealed class HistogramCounts(double min, double max, int bins)
{
    private readonly long[] _counts = new long[bins];

    // Halves, because the distance of two finite numbers need not be one.
    private readonly double _binsPerHalf = max > min ? bins / (max / 2 - min / 2) : 0;

    /// <summary>Counts values; those that are not finite are left out.</summary>
    public void Add(Span<double> values)
    {
        foreach (double value in values)
        {
            if (double.IsFinite(value))
            {
                _counts[Math.Clamp((int)((value / 2 - min / 2) * _binsPerHalf), 0, _counts.Length - 1)]++;
            }
        }
    }

    public TensorHistogram Finish() => new(min, max, _counts);
}
