namespace Importer.Training;

/// <summary>What a line of a run's log is about.</summary>
public enum RunMessageKind
{
    /// <summary>What happens.</summary>
    Info,

    /// <summary>Something that a person should look at.</summary>
    Warning,

    /// <summary>Pretrained weights were found and are loaded. One of the three by which a run begins; each run has exactly one of them.</summary>
    WeightsFound,

    /// <summary>A checkpoint was loaded, and the run goes on.</summary>
    Resumed,

    /// <summary>There are no weights, and the run begins from scratch.</summary>
    FromScratch,
}
