using Importer.Mapping.Operations;

namespace Importer.Mapping.Language;

/// <summary>A change of the order of axes, in symbols.</summary>
internal sealed record OrderTemplate
{
    /// <summary>None.</summary>
    internal static OrderTemplate Same { get; } = new();

    /// <summary>The two dimensions of a matrix, exchanged.</summary>
    internal static OrderTemplate Transposed { get; } = new() { IsTransposed = true };

    internal bool IsTransposed { get; private init; }

    /// <summary>Per dimension of the source its axes; null where nothing is rearranged by name.</summary>
    internal IReadOnlyList<IReadOnlyList<string>>? Source { get; init; }

    /// <summary>Per dimension of the target its axes.</summary>
    internal IReadOnlyList<IReadOnlyList<string>>? Target { get; init; }

    /// <summary>The axes' sizes: first those that the table gives, all of them once the source's shape is known.</summary>
    internal IReadOnlyDictionary<string, Expression> Sizes { get; init; } = new Dictionary<string, Expression>();

    internal bool IsSame => !IsTransposed && Source is null;

    internal OrderTemplate Inverse => Source is null ? this : this with { Source = Target, Target = Source };

    /// <summary>
    /// This with the sizes of all axes, the shape that comes out, and what must hold: pairs that must be equal.
    /// </summary>
    /// <exception cref="ExpressionSyntaxException">It cannot be applied to this shape.</exception>
    internal (OrderTemplate Complete, IReadOnlyList<Expression> Shape, IReadOnlyList<(Expression, Expression)> Equal) Complete(
        IReadOnlyList<Expression> shape)
    {
        if (IsTransposed)
        {
            return shape.Count == 2
                ? (this, [shape[1], shape[0]], [])
                : throw new ExpressionSyntaxException($"'t' exchanges the two dimensions of a matrix; this tensor has {shape.Count}");
        }

        if (Source is null)
        {
            return (this, shape, []);
        }

        if (Source.Count != shape.Count)
        {
            throw new ExpressionSyntaxException(
                $"'{AxisOrder.Groups(Source)}' has {Source.Count} dimensions, and the tensor has {shape.Count}");
        }

        Dictionary<string, Expression> sizes = new(Sizes, StringComparer.Ordinal);
        List<(Expression, Expression)> equal = [];
        for (int i = 0; i < shape.Count; i++)
        {
            string[] unknown = [.. Source[i].Where(axis => !sizes.ContainsKey(axis))];
            if (unknown.Length > 1)
            {
                throw new ExpressionSyntaxException(
                    $"the sizes of {string.Join(" and ", unknown.Select(axis => $"'{axis}'"))} cannot both be found; give one, as in \"; {unknown[0]}=2\"");
            }

            Expression[] known = [.. Source[i].Where(sizes.ContainsKey).Select(axis => sizes[axis])];
            if (unknown is [var axis])
            {
                sizes[axis] = known.Length == 0 ? shape[i] : Expression.Of(ExpressionKind.Divide, shape[i], Expression.Product(known));
            }
            else
            {
                equal.Add((Expression.Product(known), shape[i]));
            }
        }

        IReadOnlyList<Expression> target = [.. Target!.Select(group =>
        {
            // A dimension that keeps all its axes, in whatever order, keeps its size: no need to write it as a product.
            int same = Enumerable.Range(0, shape.Count).FirstOrDefault(i => Source[i].Order().SequenceEqual(group.Order()), -1);
            return same >= 0 ? shape[same] : Expression.Product([.. group.Select(axis => sizes[axis])]);
        })];
        return (this with { Sizes = sizes }, target, equal);
    }

    /// <summary>The order in numbers; null where a number is wrong, which has then been recorded.</summary>
    internal AxisOrder? Bind(ConfigScope scope)
    {
        if (Source is null)
        {
            return IsTransposed ? AxisOrder.Transposed : AxisOrder.Same;
        }

        Dictionary<string, long> sizes = new(StringComparer.Ordinal);
        foreach ((string axis, Expression size) in Sizes)
        {
            if (scope.Dimension(size) is not { } value)
            {
                return null;
            }

            sizes.Add(axis, value);
        }

        return AxisOrder.Rearranged(Source, Target!, sizes);
    }
}
