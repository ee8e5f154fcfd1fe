using SafeTensorSharp;

namespace Importer.Mapping.Language;

/// <summary>A rule of "map": tensors that fill parameters.</summary>
internal sealed class MapRule : MappingRule
{
    /// <summary>The parameters' names; more than one where a tensor is split.</summary>
    internal required IReadOnlyList<Template> Targets { get; init; }

    /// <summary>The parameters' shapes, one for each of <see cref="Targets"/>.</summary>
    internal required IReadOnlyList<ShapeTemplate> TargetShapes { get; init; }

    internal required OperationTemplate Operation { get; init; }

    /// <summary>
    /// The place in <see cref="MappingRule.Variables"/> of the one that a stack or an unstack uses up: each value of the others
    /// makes one tensor of many, or many of one. Null for none.
    /// </summary>
    internal required int? Family { get; init; }

    /// <summary>Whether the rule says that its matrix is in Linear layout already and must not be transposed.</summary>
    internal required bool IsLinear { get; init; }

    /// <summary>The element type that the parameters have where none is asked for; null for the checkpoint's own.</summary>
    internal required DType? Cast { get; init; }

    internal override IEnumerable<Expression> Sizes => base.Sizes.Concat(Operation.Expressions);
}
