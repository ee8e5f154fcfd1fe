namespace Importer.Mapping.Operations;

/// <summary>One loop of a <see cref="StridedCopy"/>; strides count elements.</summary>
/// <param name="Size">How often it runs, at least once.</param>
/// <param name="SourceStride">How far it steps in the source.</param>
/// <param name="TargetStride">How far it steps in the target.</param>
internal readonly record struct CopyLoop(long Size, long SourceStride, long TargetStride);
