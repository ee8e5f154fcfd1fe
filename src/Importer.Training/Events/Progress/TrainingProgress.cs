using System.Globalization;

namespace Importer.Training.Events;

/// <summary>How far a run is.</summary>
/// <param name="Step">Updates that were made.</param>
/// <param name="TotalSteps">Updates of the whole run.</param>
/// <param name="Loss">The last one's loss, in nats per token.</param>
/// <param name="LearningRate">Its learning rate.</param>
/// <param name="StepTime">How long it took.</param>
/// <param name="TokensPerSecond">A running mean.</param>
/// <param name="TimeLeft">With evaluations and saves as they have been so far; null where nobody knows yet.</param>
public sealed record TrainingProgress(
    long Step, long TotalSteps, double Loss, double LearningRate, TimeSpan StepTime, double TokensPerSecond, TimeSpan? TimeLeft)
{
    /// <summary>nanoGPT's line, and what it lacks: <c>iter 10/500: loss 2.3412, time 12.34ms, lr 6.00e-04, 41,231 tokens/s, 0:06 left</c>.</summary>
    public override string ToString()
    {
        string left = TimeLeft is not { } time ? "" : time.TotalDays >= 1
            ? string.Create(CultureInfo.InvariantCulture, $", {(long)time.TotalDays}d {time.Hours}h left")
            : time.TotalHours >= 1 ? string.Create(CultureInfo.InvariantCulture, $", {time.Hours}:{time.Minutes:00}:{time.Seconds:00} left")
            : string.Create(CultureInfo.InvariantCulture, $", {time.Minutes}:{time.Seconds:00} left");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"iter {Step}/{TotalSteps}: loss {Loss:0.0000}, time {StepTime.TotalMilliseconds:0.00}ms, lr {LearningRate:0.00e-00}, {TokensPerSecond:N0} tokens/s{left}");
    }
}
