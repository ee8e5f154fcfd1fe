using Importer.Mapping.Language;
using Importer.Sources;

namespace Importer.Mapping.Planning;

/// <summary>
/// Which rule a tensor's name has the form of, whatever the numbers of the configuration are. For diagnoses and suggestions only.
/// </summary>
internal sealed class NameForms
{
    private readonly IReadOnlyList<(MappingRule Rule, int[] Values)> _rules;
    private readonly KeyPrefix _prefix;

    internal NameForms(IEnumerable<MappingRule> rules, KeyPrefix prefix)
    {
        _prefix = prefix;
        _rules = [.. rules.Select(rule => (rule, new int[rule.Variables.Count]))];
    }

    /// <summary>The rule and the values of its variables; the array is used again for the next name. Null where no rule fits.</summary>
    internal (MappingRule Rule, int[] Values)? Find(string name)
    {
        foreach ((MappingRule rule, int[] values) in _rules)
        {
            string before = _prefix.Before(rule.Source);
            if (name.StartsWith(before, StringComparison.Ordinal)
                && rule.Source.TryMatch(name.AsSpan(before.Length), rule.Variables, values))
            {
                return (rule, values);
            }
        }

        return null;
    }

    /// <summary>The prefix under which most of the names have a form that the table knows, and how many.</summary>
    internal static (KeyPrefix Prefix, int Matches) Nearest(MappingTable table, IReadOnlyList<SourceTensor> tensors)
    {
        const int Sample = 2000;
        return KeyPrefix.Candidates(table)
            .Select(prefix =>
            {
                NameForms forms = new(table.Rules, prefix);
                return (prefix, tensors.Take(Sample).Count(tensor => forms.Find(tensor.Name) is not null));
            })
            .MaxBy(candidate => candidate.Item2);
    }
}
