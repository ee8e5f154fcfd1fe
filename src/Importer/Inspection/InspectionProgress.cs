namespace Importer.Inspection;

/// <summary>How far an inspection has come.</summary>
/// <param name="Phase">What is being done.</param>
/// <param name="BytesDone">Bytes of this phase that are done.</param>
/// <param name="BytesTotal">Bytes of this phase in all.</param>
public readonly record struct InspectionProgress(InspectionPhase Phase, long BytesDone, long BytesTotal);
