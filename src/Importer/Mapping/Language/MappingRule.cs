namespace Importer.Mapping.Language;

/// <summary>What the rules of "map" and "drop" have in common: names in the checkpoint, their shapes, and when they apply.</summary>
internal abstract class MappingRule
{
    /// <summary>The names in the checkpoint; more than one where a rule puts tensors together.</summary>
    internal required IReadOnlyList<Template> Sources { get; init; }

    /// <summary>The variables of its templates, in the order in which they are mentioned.</summary>
    internal required IReadOnlyList<TemplateVariable> Variables { get; init; }

    /// <summary>The shapes in the checkpoint, one for each of <see cref="Sources"/>.</summary>
    internal required IReadOnlyList<ShapeTemplate> Shapes { get; init; }

    /// <summary>When the rule applies; null for always.</summary>
    internal required Expression? When { get; init; }

    internal required RuleLocation Location { get; init; }

    /// <summary>Where the rule begins in the table's text.</summary>
    internal required int Offset { get; init; }

    /// <summary>All expressions that the rule evaluates, but for its condition.</summary>
    internal virtual IEnumerable<Expression> Sizes => Shapes.SelectMany(shape => shape.Dimensions);
}
