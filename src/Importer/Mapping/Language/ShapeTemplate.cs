namespace Importer.Mapping.Language;

/// <summary>A shape in symbols, such as <c>D 3*D</c>; empty for a scalar.</summary>
internal sealed class ShapeTemplate
{
    internal const int MaxRank = 8;

    private ShapeTemplate(string text, IReadOnlyList<Expression> dimensions)
    {
        Text = text;
        Dimensions = dimensions;
    }

    internal string Text { get; }

    internal IReadOnlyList<Expression> Dimensions { get; }

    /// <exception cref="ExpressionSyntaxException">The text is not a shape.</exception>
    internal static ShapeTemplate Parse(string text) => Parse(text, ExpressionParser.ParseDimension);

    /// <summary>Parses the shape of what is dropped, in which <c>*</c> is a dimension of any size.</summary>
    /// <exception cref="ExpressionSyntaxException">The text is not a shape.</exception>
    internal static ShapeTemplate ParseDropped(string text) =>
        Parse(text, part => part == "*" ? Expression.Any() : ExpressionParser.ParseDimension(part));

    private static ShapeTemplate Parse(string text, Func<string, Expression> parse)
    {
        string[] parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return parts.Length <= MaxRank
            ? new ShapeTemplate(string.Join(' ', parts), [.. parts.Select(parse)])
            : throw new ExpressionSyntaxException($"a shape has at most {MaxRank} dimensions");
    }

    /// <summary>The shape of some dimensions.</summary>
    internal static ShapeTemplate Of(IReadOnlyList<Expression> dimensions) => new(
        string.Join(' ', dimensions.Select(dimension => dimension.ToString().Replace(" ", "", StringComparison.Ordinal))), dimensions);
}
