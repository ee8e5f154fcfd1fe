namespace Importer.Training.Events;

/// <summary>A point of a curve.</summary>
/// <param name="Step">The update.</param>
/// <param name="Value">What was measured, finite.</param>
public readonly record struct PlotPoint(long Step, double Value);
