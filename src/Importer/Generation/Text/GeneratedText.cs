namespace Importer.Generation;

/// <summary>A finished continuation as text.</summary>
/// <param name="Prompt">The number of the prompt that it continues, from 0.</param>
/// <param name="Sample">Which of the prompt's continuations it is, from 0.</param>
/// <param name="Text">The new text, without the prompt, up to a stop token or stop string.</param>
/// <param name="Ids">The new tokens; a stop token, or the tokens of a stop string, are the last of them.</param>
/// <param name="FinishReason">Why it ended.</param>
public sealed record GeneratedText(int Prompt, int Sample, string Text, IReadOnlyList<int> Ids, FinishReason FinishReason);
