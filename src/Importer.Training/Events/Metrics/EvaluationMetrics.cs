namespace Importer.Training.Events;

/// <summary>A line of kind <c>eval</c>: an evaluation.</summary>
/// <param name="Step">Updates before it.</param>
/// <param name="Losses">The mean loss of each set, in nats per token, in the sets' order.</param>
/// <param name="IsBest">Whether the last set's loss is lower than all before.</param>
/// <param name="Timing">What depends on the clock.</param>
public sealed record EvaluationMetrics(long Step, IReadOnlyList<(string Name, double Loss)> Losses, bool IsBest, MetricsTiming Timing)
    : MetricsEntry(Step, Timing);
