namespace Importer.Mapping.Operations;

/// <summary>In which order, and in which dimensions, the axes of a tensor come out.</summary>
internal abstract class AxisOrder
{
    /// <summary>As they went in.</summary>
    internal static AxisOrder Same { get; } = new SameOrder();

    /// <summary>The two dimensions of a matrix, exchanged.</summary>
    internal static AxisOrder Transposed { get; } = new TransposedOrder();

    /// <summary>As a table writes it; empty where nothing changes.</summary>
    internal abstract string Text { get; }

    /// <summary>What undoes it.</summary>
    internal abstract AxisOrder Inverse { get; }

    /// <summary>The axes of a tensor of this shape.</summary>
    internal abstract IReadOnlyList<AxisStep> Axes(IReadOnlyList<long> shape);

    /// <summary>Dimensions that are products of named axes become other products of the same axes.</summary>
    /// <param name="source">Per dimension of the source its axes, the slowest first.</param>
    /// <param name="target">The same for the target.</param>
    /// <param name="sizes">The axes' sizes.</param>
    internal static AxisOrder Rearranged(
        IReadOnlyList<IReadOnlyList<string>> source, IReadOnlyList<IReadOnlyList<string>> target, IReadOnlyDictionary<string, long> sizes) =>
        new RearrangedOrder(source, target, sizes);

    /// <summary>The groups of a rearrangement as einops writes them: <c>(h d) D</c>.</summary>
    internal static string Groups(IReadOnlyList<IReadOnlyList<string>> groups) =>
        string.Join(' ', groups.Select(group => group is [var one] ? one : $"({string.Join(' ', group)})"));

    private sealed class SameOrder : AxisOrder
    {
        internal override string Text => "";

        internal override AxisOrder Inverse => this;

        internal override IReadOnlyList<AxisStep> Axes(IReadOnlyList<long> shape) => [.. shape.Select((size, i) => new AxisStep(size, i, 1, i, 1))];
    }

    private sealed class TransposedOrder : AxisOrder
    {
        internal override string Text => "t";

        internal override AxisOrder Inverse => this;

        internal override IReadOnlyList<AxisStep> Axes(IReadOnlyList<long> shape) =>
            [new AxisStep(shape[0], 0, 1, 1, 1), new AxisStep(shape[1], 1, 1, 0, 1)];
    }

    private sealed class RearrangedOrder(
        IReadOnlyList<IReadOnlyList<string>> source, IReadOnlyList<IReadOnlyList<string>> target, IReadOnlyDictionary<string, long> sizes)
        : AxisOrder
    {
        internal override string Text
        {
            get
            {
                IEnumerable<string> factors = source.Concat(target).Where(group => group.Count > 1).SelectMany(group => group).Distinct();
                return $"rearrange {Groups(source)} -> {Groups(target)}; {string.Join(' ', factors.Select(axis => $"{axis}={sizes[axis]}"))}"
                    .TrimEnd(' ', ';');
            }
        }

        internal override AxisOrder Inverse => new RearrangedOrder(target, source, sizes);

        internal override IReadOnlyList<AxisStep> Axes(IReadOnlyList<long> shape)
        {
            Dictionary<string, (int Dimension, long Step)> to = Places(target).ToDictionary(place => place.Axis, place => (place.Dimension, place.Step));
            return [.. Places(source).Select(from => new AxisStep(sizes[from.Axis], from.Dimension, from.Step, to[from.Axis].Dimension, to[from.Axis].Step))];
        }

        private IEnumerable<(string Axis, int Dimension, long Step)> Places(IReadOnlyList<IReadOnlyList<string>> groups)
        {
            for (int dimension = 0; dimension < groups.Count; dimension++)
            {
                long step = 1;
                foreach (string axis in groups[dimension].Reverse())
                {
                    yield return (axis, dimension, step);
                    step *= sizes[axis];
                }
            }
        }
    }
}
