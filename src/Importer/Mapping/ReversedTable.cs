using Importer.Mapping.Language;

namespace Importer.Mapping;

/// <summary>Derives from a table the one that runs backwards: parameters are its tensors, and a checkpoint's keys its targets.</summary>
internal static class ReversedTable
{
    /// <exception cref="IrreversibleMappingException">Some rules leave out what cannot be made again.</exception>
    internal static MappingTable Of(WeightMapping mapping)
    {
        MappingTable table = mapping.Table;
        MapRule[] irreversible = [.. table.Maps.Where(rule => !rule.Operation.IsInvertible)];
        if (irreversible.Length > 0)
        {
            throw new IrreversibleMappingException(
                mapping, [.. irreversible.Select(rule => new Problems.IrreversibleRule(rule.Location, rule.Sources[0].Text))]);
        }

        // The second names of what is tied, and what is made again, follow once the rows are there.
        return table.WithRules([.. table.Maps.Select(Rule)], []);
    }

    private static MapRule Rule(MapRule rule) => new()
    {
        Sources = rule.Targets,
        Targets = rule.Sources,
        Variables = rule.Variables,
        Shapes = rule.TargetShapes,
        TargetShapes = rule.Shapes,
        Operation = rule.Operation.Inverse,
        Family = rule.Family,
        IsLinear = rule.IsLinear,
        Cast = null,
        When = rule.When,
        Location = rule.Location,
        Offset = rule.Offset,
    };
}
