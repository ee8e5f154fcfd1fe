namespace Importer.Training.Data;

/// <summary>What came of a preparation.</summary>
public enum PrepareOutcome
{
    /// <summary>The directory was made.</summary>
    Prepared,

    /// <summary>It was there already, intact and of the same text.</summary>
    UpToDate,

    /// <summary>It took the place of one that was damaged or, forced, of other data.</summary>
    Replaced,
}
