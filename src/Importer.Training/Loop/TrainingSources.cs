namespace Importer.Training;

/// <summary>What a run learns from and what it is measured on.</summary>
/// <param name="Train">Batches to learn from.</param>
/// <param name="Evaluation">
/// What is evaluated, in this order; the last one's loss decides what is best. They should not be what <paramref name="Train"/> reads
/// in the same order, and usually are <c>train</c> and <c>val</c>.
/// </param>
public sealed record TrainingSources(IBatchSource Train, IReadOnlyList<EvaluationSet> Evaluation);
