namespace Importer.Generation;

/// <summary>A finished continuation.</summary>
/// <param name="Prompt">The number of the prompt that it continues, from 0.</param>
/// <param name="Sample">Which of the prompt's continuations it is, from 0.</param>
/// <param name="Ids">The new tokens, without the prompt; a stop token is the last of them.</param>
/// <param name="FinishReason">Why it ended.</param>
public sealed record GeneratedSequence(int Prompt, int Sample, IReadOnlyList<int> Ids, FinishReason FinishReason);
