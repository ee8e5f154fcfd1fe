namespace Importer.Export;

/// <summary>What an export is doing.</summary>
public enum ExportPhase
{
    /// <summary>Waiting for another process that writes to the same place.</summary>
    Waiting,

    /// <summary>Reading what must be known before anything is written: that tied copies are equal, that the dtype holds every number.</summary>
    Checking,

    /// <summary>Reading, converting and writing the weights.</summary>
    Writing,
}
