using Importer.Mapping.Language;
using Importer.Mapping.Operations;

namespace Importer.Mapping.Planning;

/// <summary>A rule with a configuration's numbers in the place of its symbols.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Counts">How many values each of its variables has.</param>
/// <param name="Shapes">The shapes of its tensors in the checkpoint, one for each of its sources.</param>
/// <param name="TargetShapes">For a map rule the shapes of its parameters, one for each of its targets.</param>
/// <param name="Operation">For a map rule what it does.</param>
internal sealed record BoundRule(
    MappingRule Rule, int[] Counts, IReadOnlyList<long>[] Shapes, IReadOnlyList<long>[] TargetShapes, TensorOperation Operation)
{
    private readonly MapRule? _map = Rule as MapRule;

    /// <summary>How many tensors one choice of values reads.</summary>
    internal int SourceCount => _map is { Operation.To.Kind: PieceKind.Stacked, Family: { } family } ? Counts[family] : Rule.Sources.Count;

    /// <summary>How many parameters one choice of values fills.</summary>
    internal int TargetCount =>
        _map is { Operation.From.Kind: PieceKind.Stacked, Family: { } family } ? Counts[family] : _map?.Targets.Count ?? 0;

    /// <summary>The choices that <see cref="BoundMapping.Walk"/> makes: one for all values of a variable that is stacked or unstacked.</summary>
    internal int[] Choices
    {
        get
        {
            int[] counts = [.. Counts];
            if (_map?.Family is { } family)
            {
                counts[family] = 1;
            }

            return counts;
        }
    }

    /// <summary>How many names of the checkpoint it stands for; the largest number where they are more.</summary>
    internal long SourceNames => Multiply(SourceCount);

    /// <summary>How many names it stands for on the side that has more.</summary>
    internal long Names => Multiply(Math.Max(SourceCount, TargetCount));

    /// <summary>The name of the first variable where it is an index: rules with the same one belong to the same blocks.</summary>
    internal string? Block =>
        Rule.Variables.Count > 0 && Rule.Variables[0].Words is null && _map?.Family != 0 ? Rule.Variables[0].Name : null;

    /// <summary>The template of one of the tensors that a choice reads; the values become those for it.</summary>
    internal Template Source(int number, int[] values) => Pick(Rule.Sources, number, values);

    /// <summary>The template of one of the parameters that a choice fills; the values become those for it.</summary>
    internal Template Target(int number, int[] values) => Pick(_map!.Targets, number, values);

    /// <summary>Makes the values those of the choice again, after names of a family have been written with them.</summary>
    internal void Reset(int[] values)
    {
        if (_map?.Family is { } family)
        {
            values[family] = 0;
        }
    }

    /// <summary>The shape of one of the tensors that a choice reads.</summary>
    internal IReadOnlyList<long> Shape(int number) => Shapes[Shapes.Length == 1 ? 0 : number];

    /// <summary>The shape of one of the parameters that a choice fills.</summary>
    internal IReadOnlyList<long> TargetShape(int number) => TargetShapes[TargetShapes.Length == 1 ? 0 : number];

    /// <summary>The same in symbols, for messages.</summary>
    internal string ShapeText(int number) => Rule.Shapes[Rule.Shapes.Count == 1 ? 0 : number].Text;

    private Template Pick(IReadOnlyList<Template> templates, int number, int[] values)
    {
        if (templates.Count > 1)
        {
            return templates[number];
        }

        if (_map?.Family is { } family)
        {
            values[family] = number;
        }

        return templates[0];
    }

    private long Multiply(long names)
    {
        foreach (int count in Choices)
        {
            names = names > long.MaxValue / count ? long.MaxValue : names * count;
        }

        return names;
    }
}
