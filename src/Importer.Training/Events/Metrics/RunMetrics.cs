namespace Importer.Training.Events;

/// <summary>A line of kind <c>run</c>: a process began or ended.</summary>
/// <param name="Step">Updates that were made then.</param>
/// <param name="Event"><c>start</c>, <c>resume</c> or <c>end</c>.</param>
/// <param name="TotalSteps">Updates of the whole run.</param>
/// <param name="Reason">Of an end, such as <c>completed</c> or <c>interrupted</c>; null otherwise.</param>
/// <param name="Timing">What depends on the clock.</param>
public sealed record RunMetrics(long Step, string Event, long TotalSteps, string? Reason, MetricsTiming Timing) : MetricsEntry(Step, Timing)
{
    /// <summary>Whether the process that began found weights of its run to go on from; null at an end.</summary>
    public bool? WeightsFound => Event switch
    {
        "resume" => true,
        "start" => false,
        _ => null,
    };
}
