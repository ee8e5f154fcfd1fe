namespace Importer.Inspection.Statistics;

/// <summary>How values are spread over bins of equal width.</summary>
/// <param name="Min">Where the first bin begins.</param>
/// <param name="Max">Where the last bin ends; a value that equals it is in that bin.</param>
/// <param name="Counts">How many values are in each bin.</param>
public sealed record TensorHistogram(double Min, double Max, IReadOnlyList<long> Counts);
