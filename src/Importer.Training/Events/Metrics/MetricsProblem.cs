namespace Importer.Training.Events;

/// <summary>A line that is no line of metrics.</summary>
/// <param name="Line">Its number, from 1.</param>
/// <param name="Offset">Where it begins in the file, in bytes.</param>
/// <param name="Message">What is wrong with it.</param>
public sealed record MetricsProblem(long Line, long Offset, string Message);
