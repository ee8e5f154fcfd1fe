namespace Importer.Training.Data;

/// <summary>What a preparation is doing.</summary>
public enum PreparePhase
{
    /// <summary>Another process prepares the same directory.</summary>
    Waiting,

    /// <summary>The text is read to be checked, counted and hashed.</summary>
    Reading,

    /// <summary>The text is tokenised.</summary>
    Encoding,
}
