using SafeTensorSharp;

namespace Importer.Inspection.Comparison;

/// <summary>A tensor as one of two checkpoints has it.</summary>
/// <param name="StoredAs">The key under which it is stored; several, joined by <c>+</c>, where it is put together.</param>
/// <param name="DType">The element type.</param>
/// <param name="Shape">The dimensions, outermost first.</param>
public sealed record ComparedTensor(string StoredAs, DType DType, IReadOnlyList<long> Shape);
