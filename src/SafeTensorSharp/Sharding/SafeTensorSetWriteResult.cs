namespace SafeTensorSharp;

/// <summary>A model that was written in one file or in several.</summary>
/// <param name="Files">The files, in order.</param>
/// <param name="IndexPath">The index; null when one file was enough.</param>
public sealed record SafeTensorSetWriteResult(IReadOnlyList<SafeTensorWriteResult> Files, string? IndexPath);
