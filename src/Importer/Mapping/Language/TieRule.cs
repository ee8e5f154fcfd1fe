namespace Importer.Mapping.Language;

/// <summary>A rule of "tie": a parameter that shares another's tensor.</summary>
internal sealed class TieRule
{
    internal required string Target { get; init; }

    internal required string To { get; init; }

    internal required Expression? When { get; init; }

    /// <summary>The name under which the checkpoint may hold a second copy, which must then be equal; null for none.</summary>
    internal required Template? Source { get; init; }

    /// <summary>Whether an export writes the second copy.</summary>
    internal required bool Exports { get; init; }

    internal required RuleLocation Location { get; init; }

    internal required int Offset { get; init; }
}
