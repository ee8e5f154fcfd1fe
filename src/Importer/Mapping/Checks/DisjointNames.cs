using Importer.Mapping.Language;

namespace Importer.Mapping.Checks;

/// <summary>
/// Proves that no tensor of a checkpoint is claimed by two rules and no parameter filled by two, whatever the configuration;
/// rules whose conditions exclude each other may meet.
/// </summary>
internal static class DisjointNames
{
    private const int MaxNamesOfRule = 100_000;
    private const int SampleOfIndex = 12;

    internal static void Check(MappingTable table, TableText text)
    {
        List<Claim> sources = [];
        List<Claim> targets = [];
        foreach (MappingRule rule in table.Rules)
        {
            if (!CheckRule(rule, text))
            {
                continue;
            }

            foreach (Template source in rule.Sources)
            {
                AddSource(sources, table, source, rule.Variables, rule.When, rule.Location, rule.Offset);
            }

            foreach (Template target in (rule as MapRule)?.Targets ?? [])
            {
                targets.Add(new Claim([new NameAutomaton("", target, rule.Variables)], rule.When, rule.Location, rule.Offset));
            }
        }

        foreach (TieRule tie in table.Ties)
        {
            if (tie.Source is not null)
            {
                AddSource(sources, table, tie.Source, [], tie.When, tie.Location, tie.Offset);
            }
        }

        foreach ((TieRule first, TieRule second) in Pairs(table.Ties))
        {
            if (first.Target == second.Target && !Exclusion.Exclude(first.When, second.When))
            {
                text.Report(second.Offset, second.Location.Path, $"{NameText.Quote(second.Target)} is tied by {first.Location} already");
            }
        }

        Compare(sources, "claim the tensor", text);
        Compare(targets, "fill the parameter", text);
    }

    private static void AddSource(
        List<Claim> claims, MappingTable table, Template source, IReadOnlyList<TemplateVariable> variables, Expression? when,
        RuleLocation location, int offset)
    {
        // The wrapper stands before all names alike, so it tells none from another.
        IEnumerable<string> prefixes = source.IsAbsolute ? [""] : table.Prefixes;
        claims.Add(new Claim([.. prefixes.Select(prefix => new NameAutomaton(prefix, source, variables))], when, location, offset));
    }

    private static void Compare(List<Claim> claims, string verb, TableText text)
    {
        foreach ((Claim first, Claim second) in Pairs(claims))
        {
            if (Exclusion.Exclude(first.When, second.When) || Common(first, second) is not { } name)
            {
                continue;
            }

            text.Report(
                second.Offset, second.Location.Path, $"{first.Location} and this rule both {verb} {NameText.Quote(name)}");
        }
    }

    private static string? Common(Claim first, Claim second)
    {
        // One prefix is chosen per checkpoint: the same one for both, or any for one of them where the other is absolute.
        int count = Math.Max(first.Names.Count, second.Names.Count);
        for (int i = 0; i < count; i++)
        {
            if (first.Names[first.Names.Count == 1 ? 0 : i].Common(second.Names[second.Names.Count == 1 ? 0 : i]) is { } name)
            {
                return name;
            }
        }

        return null;
    }

    /// <summary>Whether one rule's names differ among themselves, tried on small indices.</summary>
    private static bool CheckRule(MappingRule rule, TableText text)
    {
        int[] counts = [.. rule.Variables.Select(variable => variable.Words?.Count ?? SampleOfIndex)];
        if (counts.Aggregate((Int128)1, (product, count) => product * count) > MaxNamesOfRule)
        {
            text.Report(rule.Offset, rule.Location.Path, $"the rule stands for more than {MaxNamesOfRule} names per index");
            return false;
        }

        MapRule? map = rule as MapRule;
        IEnumerable<(Template Template, bool IsSource)> templates =
            rule.Sources.Select(source => (source, true)).Concat((map?.Targets ?? []).Select(target => (target, false)));
        foreach ((Template template, bool isSource) in templates)
        {
            HashSet<string> names = new(StringComparer.Ordinal);
            char[] buffer = new char[64];

            // The side that a stacked variable is not on has one name for all its values.
            int[] choices = [.. counts];
            if (map?.Family is { } family && !template.Uses(family) && isSource == (map.Operation.From.Kind == PieceKind.Stacked))
            {
                choices[family] = 1;
            }

            foreach (int[] values in Counting.Over(choices))
            {
                int length = template.Write(ref buffer, "", rule.Variables, values);
                if (!names.Add(new string(buffer, 0, length)))
                {
                    string name = new(buffer, 0, length);
                    text.Report(rule.Offset, rule.Location.Path, $"two choices of its variables both make {NameText.Quote(name)}");
                    return false;
                }
            }
        }

        return true;
    }

    private static IEnumerable<(T First, T Second)> Pairs<T>(IReadOnlyList<T> items)
    {
        for (int i = 0; i < items.Count; i++)
        {
            for (int j = i + 1; j < items.Count; j++)
            {
                yield return (items[i], items[j]);
            }
        }
    }

    private sealed record Claim(IReadOnlyList<NameAutomaton> Names, Expression? When, RuleLocation Location, int Offset);
}
