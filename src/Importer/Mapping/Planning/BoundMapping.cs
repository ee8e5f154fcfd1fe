using Importer.Mapping.Language;
using Importer.Mapping.Operations;
using Importer.Mapping.Problems;

namespace Importer.Mapping.Planning;

/// <summary>The rules of a table that apply to one configuration, with its numbers.</summary>
internal sealed class BoundMapping
{
    private BoundMapping(
        ConfigScope scope, IReadOnlyList<BoundRule> maps, IReadOnlyList<BoundRule> drops, IReadOnlyList<TieRule> ties)
    {
        Scope = scope;
        Maps = maps;
        Drops = drops;
        Ties = ties;
    }

    internal ConfigScope Scope { get; }

    internal IReadOnlyList<BoundRule> Maps { get; }

    internal IReadOnlyList<BoundRule> Drops { get; }

    internal IReadOnlyList<TieRule> Ties { get; }

    /// <summary>The rules with numbers, or null after having added to <paramref name="problems"/> what stands against it.</summary>
    internal static BoundMapping? Bind(MappingTable table, ModelConfigValues config, int maxNames, List<MappingProblem> problems)
    {
        ConfigScope scope = new(config, table.Symbols);
        List<BoundRule> maps = BindRules(table.Maps, scope);
        List<BoundRule> drops = BindRules(table.Drops, scope);
        List<TieRule> ties = [.. table.Ties.Where(tie => scope.Holds(tie.When) == true)];
        problems.AddRange(scope.Problems);

        long names = Count([.. maps, .. drops], rule => rule.Names);
        if (names > maxNames)
        {
            IEnumerable<string> keys = maps.Concat(drops).SelectMany(rule => rule.Rule.Variables)
                .Select(variable => variable.Bound).OfType<Expression>().Distinct().SelectMany(scope.DecidingKeys);
            problems.Add(new ExpansionTooLarge(config.SourceName, [.. keys.Distinct(StringComparer.Ordinal)], names, maxNames));
        }

        return problems.Count == 0 ? new BoundMapping(scope, maps, drops, ties) : null;
    }

    /// <summary>How many names some rules stand for; the largest number where they are more.</summary>
    internal static long Count(IReadOnlyList<BoundRule> rules, Func<BoundRule, long> namesOf)
    {
        long count = 0;
        foreach (BoundRule rule in rules)
        {
            long names = namesOf(rule);
            count = names > long.MaxValue - count ? long.MaxValue : count + names;
        }

        return count;
    }

    /// <summary>
    /// All names of some rules: rules that follow each other with the same first index are taken block by block, as a model is
    /// built. The array of values is one and the same.
    /// </summary>
    internal static IEnumerable<(BoundRule Rule, int[] Values)> Walk(IReadOnlyList<BoundRule> rules)
    {
        for (int start = 0, end; start < rules.Count; start = end)
        {
            end = start + 1;
            if (rules[start].Block is not { } block)
            {
                foreach (int[] values in Counting.Over(rules[start].Choices))
                {
                    yield return (rules[start], values);
                    rules[start].Reset(values);
                }

                continue;
            }

            while (end < rules.Count && rules[end].Block == block)
            {
                end++;
            }

            for (int i = 0; i < rules[start].Counts[0]; i++)
            {
                for (int rule = start; rule < end; rule++)
                {
                    int[] counts = rules[rule].Choices;
                    counts[0] = 1;
                    foreach (int[] values in Counting.Over(counts))
                    {
                        values[0] = i;
                        yield return (rules[rule], values);
                        values[0] = 0;
                        rules[rule].Reset(values);
                    }
                }
            }
        }
    }

    private static List<BoundRule> BindRules(IEnumerable<MappingRule> rules, ConfigScope scope)
    {
        List<BoundRule> bound = [];
        foreach (MappingRule rule in rules)
        {
            if (scope.Holds(rule.When) != true)
            {
                continue;
            }

            long?[] counts =
                [.. rule.Variables.Select(variable => variable.Words is { } words ? words.Count : scope.Dimension(variable.Bound!))];
            IReadOnlyList<long>?[] shapes = [.. rule.Shapes.Select(shape => Shape(shape, scope))];
            MapRule? map = rule as MapRule;
            IReadOnlyList<long>?[] targets = map is null ? [] : [.. map.TargetShapes.Select(shape => Shape(shape, scope))];
            TensorOperation? operation = map is null ? TensorOperation.None : map.Operation.Bind(scope);
            if (counts.All(count => count is not null) && shapes.All(shape => shape is not null) && targets.All(shape => shape is not null)
                && operation is not null)
            {
                bound.Add(new BoundRule(rule, [.. counts.Select(count => (int)count!)], shapes!, targets!, operation));
            }
        }

        return bound;
    }

    private static IReadOnlyList<long>? Shape(ShapeTemplate shape, ConfigScope scope)
    {
        long?[] sizes = [.. shape.Dimensions.Select(size => size.Kind == ExpressionKind.Any ? ShapeText.AnySize : scope.Dimension(size))];
        return sizes.All(size => size is not null) ? [.. sizes.Select(size => size!.Value)] : null;
    }
}
