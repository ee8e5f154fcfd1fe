using Importer.Sources;

namespace Importer.Inspection;

/// <summary>How a checkpoint is inspected.</summary>
public sealed class InspectionOptions
{
    private const int MaxBins = 1024;

    /// <summary>
    /// Whether the data is read for the statistics of each tensor; a model on the hub is downloaded into the cache then.
    /// <value>The default is false: headers only, also of a model on the hub.</value>
    /// </summary>
    public bool Statistics { get; init; }

    /// <summary>
    /// How many bins the histogram of each tensor has, where there are statistics; at most 1,024. It is a second pass over the data.
    /// <value>The default is 0: no histograms.</value>
    /// </summary>
    public int HistogramBins { get; init; }

    /// <summary>A mapping table of your own. <value>The default, null, finds the table by the keys of the weights.</value></summary>
    public string? MappingFile { get; init; }

    /// <summary>How a model that is named by its id is reached. <value>The default, null, is the environment's settings.</value></summary>
    public HubAccess? Hub { get; init; }

    /// <summary>Told how far the reading of data has come. <value>The default is null.</value></summary>
    public IProgress<InspectionProgress>? Progress { get; init; }

    internal void Validate()
    {
        if (HistogramBins is < 0 or > MaxBins)
        {
            throw new ArgumentException($"HistogramBins is {HistogramBins}; choose 0 to {MaxBins:N0}.", nameof(HistogramBins));
        }
    }
}
