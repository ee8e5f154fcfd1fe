using Importer.Mapping.Language;
using Importer.Sources;

namespace Importer.Mapping.Planning;

/// <summary>
/// Which rule a tensor's name has the form of, whatever the numbers of the configuration are. For diagnoses and suggestions only.
/// </summary>
internal sealed class NameForms
{
    private readonly IReadOnlyList<(MappingRule Rule, int Source, int[] Values)> _rules;
    private readonly KeyPrefix _prefix;

    internal NameForms(IEnumerable<MappingRule> rules, KeyPrefix prefix)
    {
        _prefix = prefix;
        _rules = [.. rules.SelectMany(rule => rule.Sources.Select((_, source) => (rule, source, new int[rule.Variables.Count])))];
    }

    /// <summary>
    /// The rule, which of its sources, and the values of its variables (-1 for one that the name does not have); the array is used
    /// again for the next name. Null where no rule fits.
    /// </summary>
    internal (MappingRule Rule, int Source, int[] Values)? Find(string name)
    {
        foreach ((MappingRule rule, int source, int[] values) in _rules)
        {
            string before = _prefix.Before(rule.Sources[source]);
            if (name.StartsWith(before, StringComparison.Ordinal)
                && rule.Sources[source].TryMatch(name.AsSpan(before.Length), rule.Variables, values))
            {
                return (rule, source, values);
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
