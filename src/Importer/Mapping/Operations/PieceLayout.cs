using System.Globalization;

namespace Importer.Mapping.Operations;

/// <summary>How pieces of a tensor lie in the whole: what is read for a split, and written for a concatenation.</summary>
internal abstract class PieceLayout
{
    /// <summary>One piece, which is the whole.</summary>
    internal static PieceLayout Whole { get; } = new WholeLayout();

    /// <summary>Pieces one after the other along a dimension.</summary>
    internal static PieceLayout Along(int dimension, IReadOnlyList<long> sizes) => new AlongLayout(dimension, sizes);

    /// <summary>Pieces that are the values of a dimension which they lack.</summary>
    internal static PieceLayout Stacked(int dimension, string variable) => new StackedLayout(dimension, variable);

    /// <summary>One piece, which is a part of a dimension.</summary>
    internal static PieceLayout Window(int dimension, long start, long size, long total) => new WindowLayout(dimension, start, size, total);

    /// <summary>Whether there is more in the whole than the pieces.</summary>
    internal virtual bool IsPartial => false;

    /// <summary>Taking the pieces out, as a table writes it; empty where there is nothing to do.</summary>
    internal abstract string Taking { get; }

    /// <summary>Putting the pieces in, as a table writes it.</summary>
    internal abstract string Putting { get; }

    /// <summary>The shape of one piece.</summary>
    internal abstract IReadOnlyList<long> Shape(int piece, IReadOnlyList<long> whole);

    /// <summary>Where one piece begins in the whole, and for each of its dimensions how far a step is, in elements.</summary>
    internal abstract (long Offset, IReadOnlyList<long> Strides) Place(int piece, IReadOnlyList<long> whole);

    private static long[] StridesOf(IReadOnlyList<long> shape)
    {
        long[] strides = new long[shape.Count];
        long stride = 1;
        for (int i = shape.Count - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= shape[i];
        }

        return strides;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static IReadOnlyList<long> With(IReadOnlyList<long> shape, int dimension, long size) =>
        [.. shape.Select((old, i) => i == dimension ? size : old)];

    private static IReadOnlyList<long> Without(IReadOnlyList<long> values, int dimension) => [.. values.Where((_, i) => i != dimension)];

    private sealed class WholeLayout : PieceLayout
    {
        internal override string Taking => "";

        internal override string Putting => "";

        internal override IReadOnlyList<long> Shape(int piece, IReadOnlyList<long> whole) => whole;

        internal override (long Offset, IReadOnlyList<long> Strides) Place(int piece, IReadOnlyList<long> whole) => (0, StridesOf(whole));
    }

    private sealed class AlongLayout(int dimension, IReadOnlyList<long> sizes) : PieceLayout
    {
        internal override string Taking => Text($"split {dimension} [{string.Join(", ", sizes)}]");

        internal override string Putting => Text($"concat {dimension}");

        internal override IReadOnlyList<long> Shape(int piece, IReadOnlyList<long> whole) => With(whole, dimension, sizes[piece]);

        internal override (long Offset, IReadOnlyList<long> Strides) Place(int piece, IReadOnlyList<long> whole)
        {
            long[] strides = StridesOf(whole);
            return (sizes.Take(piece).Sum() * strides[dimension], strides);
        }
    }

    private sealed class StackedLayout(int dimension, string variable) : PieceLayout
    {
        internal override string Taking => Text($"unstack {dimension} {{{variable}}}");

        internal override string Putting => Text($"stack {dimension} {{{variable}}}");

        internal override IReadOnlyList<long> Shape(int piece, IReadOnlyList<long> whole) => Without(whole, dimension);

        internal override (long Offset, IReadOnlyList<long> Strides) Place(int piece, IReadOnlyList<long> whole)
        {
            long[] strides = StridesOf(whole);
            return (piece * strides[dimension], Without(strides, dimension));
        }
    }

    private sealed class WindowLayout(int dimension, long start, long size, long total) : PieceLayout
    {
        internal override bool IsPartial => size < total;

        internal override string Taking => Text($"take {dimension} {start}:{start + size}");

        internal override string Putting => Text($"pad {dimension} {total}") + (start > 0 ? Text($" at {start}") : "");

        internal override IReadOnlyList<long> Shape(int piece, IReadOnlyList<long> whole) => With(whole, dimension, size);

        internal override (long Offset, IReadOnlyList<long> Strides) Place(int piece, IReadOnlyList<long> whole)
        {
            long[] strides = StridesOf(whole);
            return (start * strides[dimension], strides);
        }
    }
}
