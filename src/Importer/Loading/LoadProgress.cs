namespace Importer.Loading;

/// <summary>How far a load has come.</summary>
/// <param name="Phase">What is being done.</param>
/// <param name="BytesDone">Bytes of the checkpoint that are done.</param>
/// <param name="BytesTotal">Bytes of the checkpoint that will be read in all.</param>
public readonly record struct LoadProgress(LoadPhase Phase, long BytesDone, long BytesTotal);
