namespace Importer.Evaluation;

/// <summary>How far an evaluation has come.</summary>
/// <param name="TokensDone">Tokens that were predicted.</param>
/// <param name="TokensTotal">Of how many.</param>
/// <param name="Loss">The mean loss so far, in nats per token.</param>
public readonly record struct EvaluationProgress(long TokensDone, long TokensTotal, double Loss);
