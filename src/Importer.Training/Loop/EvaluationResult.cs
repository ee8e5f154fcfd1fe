namespace Importer.Training;

/// <summary>What an evaluation found.</summary>
/// <param name="Step">Updates before it.</param>
/// <param name="Losses">The mean loss of each evaluated set, in nats per token, in the sets' order.</param>
/// <param name="IsBest">Whether the last set's loss is lower than all before.</param>
/// <param name="Elapsed">How long it took.</param>
public sealed record EvaluationResult(long Step, IReadOnlyList<(string Name, double Loss)> Losses, bool IsBest, TimeSpan Elapsed)
{
    /// <summary>The loss that decides what is best: the last set's.</summary>
    public double ValidationLoss => Losses[^1].Loss;
}
