using Importer.Mapping.Operations;

namespace Importer.Mapping.Language;

/// <summary>How pieces lie in a tensor, in symbols.</summary>
internal sealed record PieceTemplate(PieceKind Kind)
{
    internal static PieceTemplate Whole { get; } = new(PieceKind.Whole);

    /// <summary>The dimension that the pieces share out.</summary>
    internal int Dimension { get; init; }

    /// <summary>For pieces along a dimension their sizes in it; empty until a concatenation knows its sources.</summary>
    internal IReadOnlyList<Expression> Sizes { get; init; } = [];

    /// <summary>For a stack the variable that numbers the pieces.</summary>
    internal string Variable { get; init; } = "";

    /// <summary>For a part of a dimension where it begins; null for 0.</summary>
    internal Expression? Start { get; init; }

    /// <summary>For a part of a dimension where it ends, exclusive; null until a pad knows its source.</summary>
    internal Expression? End { get; init; }

    /// <summary>For a part of a dimension the size of the whole dimension; null until a take knows its source.</summary>
    internal Expression? Total { get; init; }

    /// <summary>For a part of a dimension whether the rest may be made up of zeros on the way back.</summary>
    internal bool Restores { get; init; } = true;

    internal IEnumerable<Expression> Expressions => Sizes.Concat(new[] { Start, End, Total }.OfType<Expression>());

    /// <summary>The size of the part.</summary>
    internal Expression Length => Start is null ? End! : Expression.Of(ExpressionKind.Subtract, End!, Start);

    /// <summary>The layout in numbers; null where a number is wrong, which has then been recorded.</summary>
    internal PieceLayout? Bind(ConfigScope scope)
    {
        switch (Kind)
        {
            case PieceKind.Along:
                long?[] sizes = [.. Sizes.Select(scope.Dimension)];
                return sizes.All(size => size is not null) ? PieceLayout.Along(Dimension, [.. sizes.Select(size => size!.Value)]) : null;
            case PieceKind.Stacked:
                return PieceLayout.Stacked(Dimension, Variable);
            case PieceKind.Window:
                long? start = Start is null ? 0 : scope.Dimension(Start), total = scope.Dimension(Total!), length = scope.Dimension(Length);
                if (start is null || total is null || length is null)
                {
                    return null;
                }

                if (start + length <= total)
                {
                    return PieceLayout.Window(Dimension, start.Value, length.Value, total.Value);
                }

                scope.Refuse(Total!, $"{start}:{start + length} is beyond the end of dimension {Dimension}, which has {total}");
                return null;
            default:
                return PieceLayout.Whole;
        }
    }
}
