namespace Importer.Mapping.Language;

/// <summary>A parsed table: everything resolves, nothing has been proved yet.</summary>
internal sealed class MappingTable
{
    internal required string Family { get; init; }

    internal required string Version { get; init; }

    internal required string? Title { get; init; }

    internal required DetectionRule Detection { get; init; }

    internal required SymbolTable Symbols { get; init; }

    /// <summary>What "index" and "set" define.</summary>
    internal required IReadOnlyList<TemplateVariable> NamedVariables { get; init; }

    /// <summary>What may stand before every name, absolute ones included.</summary>
    internal required IReadOnlyList<string> Wrappers { get; init; }

    /// <summary>What may stand before every name that is not absolute, after the wrapper.</summary>
    internal required IReadOnlyList<string> Prefixes { get; init; }

    internal required IReadOnlyList<MapRule> Maps { get; init; }

    internal required IReadOnlyList<TieRule> Ties { get; init; }

    internal required IReadOnlyList<DropRule> Drops { get; init; }

    /// <summary>A table of the same model for files that are never prefixed and hold nothing to drop.</summary>
    internal MappingTable WithRules(IReadOnlyList<MapRule> maps, IReadOnlyList<TieRule> ties) => new()
    {
        Family = Family,
        Version = Version,
        Title = Title,
        Detection = new DetectionRule(Detection.ModelTypes, []),
        Symbols = Symbols,
        NamedVariables = NamedVariables,
        Wrappers = [""],
        Prefixes = [""],
        Maps = maps,
        Ties = ties,
        Drops = [],
    };

    /// <summary>The map rules and the drop rules.</summary>
    internal IEnumerable<MappingRule> Rules => Maps.Concat<MappingRule>(Drops);
}
