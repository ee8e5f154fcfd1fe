namespace Importer.Generation;

/// <summary>What one more token adds to a text.</summary>
/// <param name="Prompt">The number of the prompt that is continued, from 0.</param>
/// <param name="Sample">Which of the prompt's continuations it is, from 0.</param>
/// <param name="Text">
/// The text that is certain now: none where a token holds part of a character, or what may become a stop string; then it comes with a
/// later one.
/// </param>
/// <param name="Id">The token.</param>
/// <param name="FinishReason">Why the continuation ends here; null where it goes on.</param>
public readonly record struct GeneratedTextPart(int Prompt, int Sample, string Text, int Id, FinishReason? FinishReason);
