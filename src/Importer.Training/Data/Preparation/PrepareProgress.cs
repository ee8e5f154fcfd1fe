namespace Importer.Training.Data;

/// <summary>How far a preparation has come.</summary>
/// <param name="Phase">What it is doing; each phase counts from 0.</param>
/// <param name="BytesDone">Bytes of text that were read in this phase.</param>
/// <param name="BytesTotal">Bytes of text that there are.</param>
public readonly record struct PrepareProgress(PreparePhase Phase, long BytesDone, long BytesTotal);
