using Importer.Mapping.Language;

namespace Importer.Mapping;

/// <summary>Derives from a table the one of the files that are written with it: every target becomes its own source.</summary>
internal static class ImportedLayout
{
    internal static MappingTable Of(MappingTable table) => table.WithRules([.. table.Maps.SelectMany(Rules)], [.. table.Ties.Select(Tie)]);

    private static IEnumerable<MapRule> Rules(MapRule rule) => rule.Targets.Select((target, i) => new MapRule
    {
        Sources = [target],
        Targets = [target],
        Variables = rule.Variables,
        Shapes = [rule.TargetShapes[i]],
        TargetShapes = [rule.TargetShapes[i]],
        Operation = OperationTemplate.None,

        // A variable that was stacked is in no name any more; one that was unstacked is in all of them.
        Family = rule.Operation.To.Kind == PieceKind.Stacked ? rule.Family : null,
        IsLinear = rule.TargetShapes[i].Dimensions.Count == 2,
        Cast = null,
        When = rule.When,
        Location = rule.Location,
        Offset = rule.Offset,
    });

    private static TieRule Tie(TieRule tie) => new()
    {
        Target = tie.Target,
        To = tie.To,
        When = tie.When,
        Source = null,
        Exports = false,
        Location = tie.Location,
        Offset = tie.Offset,
    };
}
