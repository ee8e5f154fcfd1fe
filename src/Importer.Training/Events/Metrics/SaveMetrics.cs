namespace Importer.Training.Events;

/// <summary>A line of kind <c>save</c>: a checkpoint that is on the disk.</summary>
/// <param name="Step">Updates that are in it.</param>
/// <param name="Id">Its name.</param>
/// <param name="Bytes">The size of its files; null where they are not to be found.</param>
/// <param name="Timing">What depends on the clock; a background save's seconds overlap with updates.</param>
public sealed record SaveMetrics(long Step, string Id, long? Bytes, MetricsTiming Timing) : MetricsEntry(Step, Timing);
