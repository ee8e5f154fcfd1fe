using Importer.Sources;

namespace Importer.Mapping;

/// <summary>
/// Two tensors of the checkpoint whose bytes must be equal, because the model has one parameter for both. They have the same
/// element type and shape; the plan has seen to that.
/// </summary>
/// <param name="Copy">The tensor that is not loaded.</param>
/// <param name="Original">The tensor that the shared parameter is filled from.</param>
public sealed record TieCheck(SourceTensor Copy, SourceTensor Original);
