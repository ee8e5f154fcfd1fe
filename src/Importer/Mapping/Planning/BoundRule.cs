using Importer.Mapping.Language;

namespace Importer.Mapping.Planning;

/// <summary>A rule with a configuration's numbers in the place of its symbols.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Counts">How many values each of its variables has.</param>
/// <param name="Shape">The shape of its tensors in the checkpoint.</param>
internal sealed record BoundRule(MappingRule Rule, int[] Counts, long[] Shape)
{
    /// <summary>For a map rule the shape of its parameters.</summary>
    internal IReadOnlyList<long> TargetShape { get; } = Rule is MapRule map ? map.Operation.Apply(Shape) : Shape;

    /// <summary>How many names it stands for; the largest number where they are more.</summary>
    internal long Names
    {
        get
        {
            long names = 1;
            foreach (int count in Counts)
            {
                names = names > long.MaxValue / count ? long.MaxValue : names * count;
            }

            return names;
        }
    }

    /// <summary>The name of the first variable where it is an index: rules with the same one belong to the same blocks.</summary>
    internal string? Block => Rule.Variables.Count > 0 && Rule.Variables[0].Words is null ? Rule.Variables[0].Name : null;
}
