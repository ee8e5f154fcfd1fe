using Importer.Mapping.Operations;

namespace Importer.Mapping.Language;

/// <summary>A rule of "map": tensors that fill parameters.</summary>
internal sealed class MapRule : MappingRule
{
    /// <summary>The parameters' names.</summary>
    internal required Template Target { get; init; }

    internal required TensorOperation Operation { get; init; }

    /// <summary>Whether the rule says that its matrix is in Linear layout already and must not be transposed.</summary>
    internal required bool IsLinear { get; init; }
}
