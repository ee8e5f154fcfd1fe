using Importer.Mapping.Operations;

namespace Importer.Mapping.Language;

/// <summary>
/// An operation in symbols: pieces are taken, their axes reordered, and put together. It is made from a table's text by
/// <see cref="OperationParser"/> and completed by the shapes that it is applied to.
/// </summary>
internal sealed record OperationTemplate
{
    internal static OperationTemplate None { get; } = new() { From = PieceTemplate.Whole, Orders = [OrderTemplate.Same], To = PieceTemplate.Whole };

    internal required PieceTemplate From { get; init; }

    /// <summary>What happens to each piece, or to all of them.</summary>
    internal required IReadOnlyList<OrderTemplate> Orders { get; init; }

    internal required PieceTemplate To { get; init; }

    /// <summary>Pairs of sizes that must be equal for the operation to fit its tensors, with what to say where they are not.</summary>
    internal IReadOnlyList<(Expression A, Expression B, string Reason)> Equalities { get; init; } = [];

    internal bool IsNone => From.Kind == PieceKind.Whole && To.Kind == PieceKind.Whole && KeepsAxes;

    /// <summary>Whether the axes of every piece stay as they are, so that a matrix keeps its layout.</summary>
    internal bool KeepsAxes => Orders.All(order => order.IsSame);

    /// <summary>The variable that a stack or an unstack uses up; null for none.</summary>
    internal string? Family => From.Kind == PieceKind.Stacked ? From.Variable : To.Kind == PieceKind.Stacked ? To.Variable : null;

    /// <summary>Whether what the operation leaves out on its way can be put back, see <see cref="PieceTemplate.Restores"/>.</summary>
    internal bool IsInvertible => From.Restores;

    internal OperationTemplate Inverse => this with { From = To, Orders = [.. Orders.Select(order => order.Inverse)], To = From };

    internal IEnumerable<Expression> Expressions =>
        From.Expressions.Concat(To.Expressions).Concat(Orders.SelectMany(order => order.Sizes.Values))
            .Concat(Equalities.SelectMany(pair => new[] { pair.A, pair.B }));

    /// <summary>This, completed for some sources, and the shapes of what comes out.</summary>
    /// <param name="sources">The sources' shapes.</param>
    /// <param name="targets">How many targets the rule names.</param>
    /// <param name="family">How many values the variable of a stack or an unstack has.</param>
    /// <exception cref="ExpressionSyntaxException">The operation does not fit them.</exception>
    internal (OperationTemplate Complete, IReadOnlyList<ShapeTemplate> Shapes) For(
        IReadOnlyList<ShapeTemplate> sources, int targets, Expression? family)
    {
        List<(Expression, Expression, string)> equalities = [];
        PieceTemplate from = From;
        IReadOnlyList<IReadOnlyList<Expression>> pieces = Take(ref from, [.. sources.Select(source => source.Dimensions)], family, equalities);
        if (from.Kind == PieceKind.Along ? pieces.Count != targets : targets != 1)
        {
            throw new ExpressionSyntaxException(from.Kind == PieceKind.Along
                ? $"'split' makes {pieces.Count} pieces, and there are {targets} targets"
                : "several targets need a 'split'");
        }

        if (sources.Count > 1 && To.Kind != PieceKind.Along)
        {
            throw new ExpressionSyntaxException("several sources need a 'concat'");
        }

        List<OrderTemplate> orders = [];
        List<IReadOnlyList<Expression>> ordered = [];
        foreach (IReadOnlyList<Expression> piece in pieces)
        {
            (OrderTemplate order, IReadOnlyList<Expression> shape, IReadOnlyList<(Expression, Expression)> equal) = Orders[0].Complete(piece);
            orders.Add(order);
            ordered.Add(shape);
            equalities.AddRange(equal.Select(pair => (pair.Item1, pair.Item2, $"the axes come to '{pair.Item1}', the dimension is '{pair.Item2}'")));
        }

        PieceTemplate to = To;
        IReadOnlyList<IReadOnlyList<Expression>> shapes = Put(ref to, ordered, family, equalities);
        bool same = orders.All(order => order.Source is null);
        return (
            this with { From = from, Orders = same ? [orders[0]] : orders, To = to, Equalities = equalities },
            [.. shapes.Select(ShapeTemplate.Of)]);
    }

    /// <summary>The operation in numbers; null where a number is wrong, which has then been recorded.</summary>
    internal TensorOperation? Bind(ConfigScope scope)
    {
        if (IsNone)
        {
            return TensorOperation.None;
        }

        bool fits = Equalities.All(pair => scope.AreEqual(pair.A, pair.B, pair.Reason));
        PieceLayout? from = From.Bind(scope), to = To.Bind(scope);
        AxisOrder?[] orders = [.. Orders.Select(order => order.Bind(scope))];
        return fits && from is not null && to is not null && orders.All(order => order is not null)
            ? TensorOperation.Of(from, [.. orders.Select(order => order!)], to)
            : null;
    }

    private static IReadOnlyList<IReadOnlyList<Expression>> Take(
        ref PieceTemplate taking, IReadOnlyList<IReadOnlyList<Expression>> sources, Expression? family,
        List<(Expression, Expression, string)> equalities)
    {
        if (taking.Kind == PieceKind.Whole)
        {
            return sources;
        }

        int dimension = taking.Dimension;
        IReadOnlyList<Expression> source = sources is [var one]
            ? one
            : throw new ExpressionSyntaxException("what is split, unstacked or taken from is one tensor");
        Require(dimension < source.Count, dimension, source.Count);
        Expression whole = source[dimension];
        switch (taking.Kind)
        {
            case PieceKind.Along:
                Expression sum = Expression.Sum(taking.Sizes);
                equalities.Add((sum, whole, $"the pieces of 'split' come to '{sum}', the dimension is '{whole}'"));
                return [.. taking.Sizes.Select(size => With(source, dimension, size))];
            case PieceKind.Stacked:
                equalities.Add((family!, whole, $"{{{taking.Variable}}} has '{family}' values, the dimension is '{whole}'"));
                return [[.. source.Where((_, i) => i != dimension)]];
            default:
                taking = taking with { Total = whole };
                return [With(source, dimension, taking.Length)];
        }
    }

    private static List<IReadOnlyList<Expression>> Put(
        ref PieceTemplate to, List<IReadOnlyList<Expression>> pieces, Expression? family, List<(Expression, Expression, string)> equalities)
    {
        if (to.Kind == PieceKind.Whole)
        {
            return pieces;
        }

        int dimension = to.Dimension;
        IReadOnlyList<Expression> first = pieces[0];
        switch (to.Kind)
        {
            case PieceKind.Along:
                Require(pieces.All(piece => piece.Count == first.Count && dimension < piece.Count), dimension, first.Count);
                to = to with { Sizes = [.. pieces.Select(piece => piece[dimension])] };
                equalities.AddRange(pieces.Skip(1).SelectMany(piece => piece.Zip(first).Where((_, i) => i != dimension))
                    .Select(pair => (pair.First, pair.Second, $"'concat' joins tensors that are '{pair.First}' and '{pair.Second}' where they must be alike")));
                return [With(first, dimension, Expression.Sum(to.Sizes))];
            case PieceKind.Stacked:
                Require(dimension <= first.Count, dimension, first.Count + 1);
                return [[.. first.Take(dimension), family!, .. first.Skip(dimension)]];
            default:
                Require(dimension < first.Count, dimension, first.Count);
                Expression size = first[dimension];
                to = to with { End = to.Start is null ? size : Expression.Of(ExpressionKind.Add, to.Start, size) };
                return [With(first, dimension, to.Total!)];
        }
    }

    private static IReadOnlyList<Expression> With(IReadOnlyList<Expression> shape, int dimension, Expression size) =>
        [.. shape.Select((old, i) => i == dimension ? size : old)];

    private static void Require(bool holds, int dimension, int rank)
    {
        if (!holds)
        {
            throw new ExpressionSyntaxException($"there is no dimension {dimension}: the tensor has {rank}, counted from 0");
        }
    }
}
