namespace Importer.Training.Events;

/// <summary>A line of kind <c>step</c>: an update, every <see cref="TrainingOptions.LogInterval"/> and the last.</summary>
/// <param name="Step">The update's number, from 1.</param>
/// <param name="Loss">Its loss, in nats per token.</param>
/// <param name="LearningRate">The learning rate it was made with.</param>
/// <param name="GradientNorm">The norm of all gradients together, before clipping.</param>
/// <param name="Epoch">Passes over the data so far; 0 where the data has no such number.</param>
/// <param name="Tokens">Tokens that the run has learned from so far.</param>
/// <param name="Timing">What depends on the clock.</param>
public sealed record StepMetrics(long Step, double Loss, double LearningRate, double GradientNorm, double Epoch, long Tokens, MetricsTiming Timing)
    : MetricsEntry(Step, Timing);
