namespace Importer.Inspection.Verification;

/// <summary>How a checkpoint on disk is verified.</summary>
public sealed class VerificationOptions
{
    /// <summary>
    /// Whether every value is read, and those that are NaN or infinite are problems. <value>The default is false.</value>
    /// </summary>
    public bool Values { get; init; }

    /// <summary>A mapping table of your own. <value>The default, null, finds the table by the keys of the weights.</value></summary>
    public string? MappingFile { get; init; }

    /// <summary>Told how far hashing and reading have come. <value>The default is null.</value></summary>
    public IProgress<InspectionProgress>? Progress { get; init; }
}
