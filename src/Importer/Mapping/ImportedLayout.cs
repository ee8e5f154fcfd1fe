using Importer.Mapping.Language;
using Importer.Mapping.Operations;

namespace Importer.Mapping;

/// <summary>Derives from a table the one of the files that are written with it: every target becomes its own source.</summary>
internal static class ImportedLayout
{
    internal static MappingTable Of(MappingTable table) => new()
    {
        Family = table.Family,
        Version = table.Version,
        Title = table.Title,
        Detection = new DetectionRule(table.Detection.ModelTypes, []),
        Symbols = table.Symbols,
        NamedVariables = table.NamedVariables,
        Wrappers = [""],
        Prefixes = [""],
        Maps = [.. table.Maps.Select(Rule)],
        Ties = [.. table.Ties.Select(Tie)],
        Drops = [],
    };

    private static MapRule Rule(MapRule rule) => new()
    {
        Source = rule.Target,
        Target = rule.Target,
        Variables = rule.Variables,
        Shape = rule.Shape.After(rule.Operation),
        Operation = TensorOperation.None,
        IsLinear = rule.Shape.Dimensions.Count == 2,
        When = rule.When,
        Location = rule.Location,
        Offset = rule.Offset,
    };

    private static TieRule Tie(TieRule tie) => new()
    {
        Target = tie.Target,
        To = tie.To,
        When = tie.When,
        Source = null,
        Location = tie.Location,
        Offset = tie.Offset,
    };
}
