namespace Importer.Conversion;

/// <summary>What an import is doing.</summary>
public enum ImportPhase
{
    /// <summary>Waiting for another process that imports to the same place.</summary>
    Waiting,

    /// <summary>Hashing what is there already, and the source, to see whether anything is to be done.</summary>
    Checking,

    /// <summary>Reading, converting, hashing and writing the weights.</summary>
    Converting,
}
