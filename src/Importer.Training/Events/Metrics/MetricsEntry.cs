namespace Importer.Training.Events;

/// <summary>A line of <c>metrics.jsonl</c>.</summary>
/// <param name="Step">Updates that were made.</param>
/// <param name="Timing">What depends on the clock.</param>
public abstract record MetricsEntry(long Step, MetricsTiming Timing);
