namespace Importer.Training.Events;

/// <summary>The part of a line of metrics that is another in every run: where two runs are the same, all but this is.</summary>
/// <param name="At">When it was written.</param>
/// <param name="Elapsed">The time that the run had taken, over all its processes, in seconds.</param>
/// <param name="Seconds">How long the update, evaluation or save took; null where there is no such number.</param>
/// <param name="TokensPerSecond">Of the updates since the line before; null where there were none.</param>
public sealed record MetricsTiming(DateTimeOffset At, double Elapsed, double? Seconds = null, double? TokensPerSecond = null);
