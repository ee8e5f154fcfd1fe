namespace Importer.Inspection;

/// <summary>What is being done with a checkpoint's data.</summary>
public enum InspectionPhase
{
    /// <summary>Reading values for statistics, or to find those that are no numbers.</summary>
    Measuring,

    /// <summary>Reading two checkpoints side by side.</summary>
    Comparing,

    /// <summary>Hashing files.</summary>
    Hashing,
}
