using Importer.Mapping.Language;
using Importer.Mapping.Planning;
using Importer.Mapping.Problems;

namespace Importer.Mapping.Checks;

/// <summary>Compares what a table fills with what a model has.</summary>
internal static class TargetChecks
{
    internal static IReadOnlyList<MappingProblem> Run(
        MappingTable table, ModelConfigValues config, IReadOnlyDictionary<string, IReadOnlyList<long>> parameters)
    {
        List<MappingProblem> problems = [];
        if (BoundMapping.Bind(table, config, new PlanOptions().MaxNames, problems) is not { } bound)
        {
            return problems;
        }

        Dictionary<string, (IReadOnlyList<long> Shape, RuleLocation Rule)> mapped = new(StringComparer.Ordinal);
        char[] buffer = new char[128];
        foreach ((BoundRule rule, int[] values) in BoundMapping.Walk(bound.Maps))
        {
            for (int i = 0; i < rule.TargetCount; i++)
            {
                Template target = rule.Target(i, values);
                int length = target.Write(ref buffer, "", rule.Rule.Variables, values);
                Add(new string(buffer, 0, length), rule.TargetShape(i), rule.Rule.Location);
            }
        }

        HashSet<string> tied = new(StringComparer.Ordinal);
        foreach (TieRule tie in bound.Ties)
        {
            tied.Add(tie.Target);
            if (mapped.TryGetValue(tie.To, out (IReadOnlyList<long> Shape, RuleLocation Rule) original))
            {
                Add(tie.Target, original.Shape, tie.Location);
            }
            else
            {
                problems.Add(new BrokenTie(tie.Target, tie.To, Copy: null, [], "no rule that applies fills that one"));
            }
        }

        foreach ((string name, (IReadOnlyList<long> shape, _)) in mapped)
        {
            // A model may hold a tied parameter once, under the name of the one that is shared.
            bool inModel = parameters.TryGetValue(name, out IReadOnlyList<long>? model);
            if (inModel ? !shape.SequenceEqual(model!) : !tied.Contains(name))
            {
                problems.Add(new ParameterMismatch(name, shape, model));
            }
        }

        problems.AddRange(parameters.Where(parameter => !mapped.ContainsKey(parameter.Key))
            .Select(parameter => new ParameterMismatch(parameter.Key, Mapped: null, parameter.Value)));
        return problems;

        void Add(string target, IReadOnlyList<long> shape, RuleLocation rule)
        {
            if (!mapped.TryAdd(target, (shape, rule)))
            {
                problems.Add(new DuplicateTarget(target, mapped[target].Rule, rule));
            }
        }
    }
}
