namespace Importer.Generation;

/// <summary>A token that was just made.</summary>
/// <param name="Prompt">The number of the prompt that it continues, from 0.</param>
/// <param name="Sample">Which of the prompt's continuations it belongs to, from 0.</param>
/// <param name="Id">The token's id.</param>
/// <param name="FinishReason">Why the continuation ends with it; null where it goes on.</param>
public readonly record struct GeneratedToken(int Prompt, int Sample, int Id, FinishReason? FinishReason);
