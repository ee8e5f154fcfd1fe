namespace Importer.Inspection.Comparison;

/// <summary>A tensor that only one of two checkpoints has.</summary>
/// <param name="Name">The common name.</param>
/// <param name="Tensor">The tensor.</param>
public sealed record NamedTensor(string Name, ComparedTensor Tensor);
