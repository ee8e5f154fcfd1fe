namespace Importer.Evaluation;

/// <summary>How well a model predicts a text.</summary>
/// <param name="Loss">The mean cross-entropy, in nats per predicted token.</param>
/// <param name="TokenCount">Tokens of the text.</param>
/// <param name="PredictedCount">Tokens that were predicted: all but the first; of windows side by side, all but the first of each.</param>
/// <param name="WindowLength">Tokens per window.</param>
/// <param name="Stride">How far a window was from the one before it.</param>
public sealed record EvaluationResult(double Loss, long TokenCount, long PredictedCount, int WindowLength, int Stride)
{
    /// <summary>e to the power of <see cref="Loss"/>: among how many equally likely tokens it is as hard to choose.</summary>
    public double Perplexity => Math.Exp(Loss);
}
