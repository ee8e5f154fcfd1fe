namespace Importer.Training;

/// <summary>What one update did.</summary>
/// <param name="Step">The update's number, from 1: how many there are now.</param>
/// <param name="Loss">The mean loss over its micro-steps, in nats per token, before the update (nanoGPT's way: the last micro-step's).</param>
/// <param name="GradientNorm">The norm of all gradients together, before clipping.</param>
/// <param name="LearningRate">The learning rate it was made with.</param>
/// <param name="Samples">Windows it learned from.</param>
/// <param name="Tokens">Tokens it learned from.</param>
/// <param name="Epoch">Passes over the data so far; 0 where the data has no such number.</param>
/// <param name="Elapsed">How long it took.</param>
public sealed record StepResult(
    long Step, double Loss, double GradientNorm, double LearningRate, long Samples, long Tokens, double Epoch, TimeSpan Elapsed)
{
    /// <summary>Tokens per second.</summary>
    public double TokensPerSecond => Tokens / Math.Max(Elapsed.TotalSeconds, 1e-9);
}
