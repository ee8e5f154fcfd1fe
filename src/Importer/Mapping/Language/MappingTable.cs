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

    /// <summary>The map rules and the drop rules.</summary>
    internal IEnumerable<MappingRule> Rules => Maps.Concat<MappingRule>(Drops);
}
