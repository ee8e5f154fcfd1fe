namespace Importer.Inspection.Comparison;

/// <summary>By which names the tensors of two checkpoints were brought together.</summary>
public enum ComparisonNaming
{
    /// <summary>By the keys under which both store them.</summary>
    Stored,

    /// <summary>By the parameters of the model that their mappings fill, and in its layout.</summary>
    Mapped,
}
