namespace Importer.Training.Optimization;

/// <summary>One parameter's update in memory: four arrays of f32 of the same length.</summary>
internal readonly record struct AdamWTask(nint Parameter, nint Gradient, nint Mean, nint Square, long Count, AdamWFactors Factors);
