namespace Importer.Mapping.Operations;

/// <summary>An axis of a tensor whose dimensions may be products of axes: where it is in the source and where in the target.</summary>
/// <param name="Size">Its size.</param>
/// <param name="SourceDimension">The source's dimension that it is, or is a factor of.</param>
/// <param name="SourceStep">How many indices of that dimension one step of it is.</param>
/// <param name="TargetDimension">The target's dimension.</param>
/// <param name="TargetStep">How many indices of that dimension one step of it is.</param>
internal readonly record struct AxisStep(long Size, int SourceDimension, long SourceStep, int TargetDimension, long TargetStep);
