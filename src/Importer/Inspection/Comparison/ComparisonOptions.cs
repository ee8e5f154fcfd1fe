using Importer.Sources;

namespace Importer.Inspection.Comparison;

/// <summary>How two checkpoints are compared.</summary>
public sealed class ComparisonOptions
{
    /// <summary>
    /// The largest difference between two values that does not count; not negative. With one given, also 0, values count and not
    /// bits: a zero equals its negative, a NaN another NaN, and the dtype may be another.
    /// <value>The default is null: every bit counts.</value>
    /// </summary>
    public double? Tolerance { get; init; }

    /// <summary>
    /// Whether tensors are compared under the names they are stored by, whatever the layouts.
    /// <value>The default is false: where the layouts differ, both are brought to the model's own by their mappings.</value>
    /// </summary>
    public bool StoredNames { get; init; }

    /// <summary>
    /// A mapping table of your own, instead of the one that fits. A checkpoint that it does not fit is read by its own, which the notes
    /// tell; it must fit at least one of the two.
    /// <value>The default, null, finds the tables by the keys of the weights.</value>
    /// </summary>
    public string? MappingFile { get; init; }

    /// <summary>How models that are named by their ids are fetched. <value>The default, null, is the environment's settings.</value></summary>
    public HubAccess? Hub { get; init; }

    /// <summary>Told how far the comparison has come. <value>The default is null.</value></summary>
    public IProgress<InspectionProgress>? Progress { get; init; }

    internal void Validate()
    {
        if (Tolerance is { } tolerance && !(tolerance >= 0 && double.IsFinite(tolerance)))
        {
            throw new ArgumentException($"Tolerance is {tolerance}; give a number from 0.", nameof(Tolerance));
        }

        if (StoredNames && MappingFile is not null)
        {
            throw new ArgumentException("Stored names need no mapping table; leave one of the two out.", nameof(MappingFile));
        }
    }
}
