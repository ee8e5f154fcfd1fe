namespace Importer.Mapping.Language;

/// <summary>What the rules of "map" and "drop" have in common: names in the checkpoint, their shape, and when they apply.</summary>
internal abstract class MappingRule
{
    /// <summary>The names in the checkpoint.</summary>
    internal required Template Source { get; init; }

    /// <summary>The variables of its templates, in the order in which the source mentions them.</summary>
    internal required IReadOnlyList<TemplateVariable> Variables { get; init; }

    /// <summary>The shape in the checkpoint.</summary>
    internal required ShapeTemplate Shape { get; init; }

    /// <summary>When the rule applies; null for always.</summary>
    internal required Expression? When { get; init; }

    internal required RuleLocation Location { get; init; }

    /// <summary>Where the rule begins in the table's text.</summary>
    internal required int Offset { get; init; }
}
