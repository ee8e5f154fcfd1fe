using Importer.Mapping.Operations;

namespace Importer.Mapping.Language;

/// <summary>A shape in symbols, such as <c>D 3*D</c>; empty for a scalar.</summary>
internal sealed class ShapeTemplate(string text, IReadOnlyList<Expression> dimensions)
{
    private const int MaxRank = 8;

    internal string Text => text;

    internal IReadOnlyList<Expression> Dimensions => dimensions;

    /// <exception cref="ExpressionSyntaxException">The text is not a shape.</exception>
    internal static ShapeTemplate Parse(string text)
    {
        string[] parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return parts.Length <= MaxRank
            ? new ShapeTemplate(string.Join(' ', parts), [.. parts.Select(ExpressionParser.ParseDimension)])
            : throw new ExpressionSyntaxException($"a shape has at most {MaxRank} dimensions");
    }

    /// <summary>The shape after an operation; the operation must fit.</summary>
    internal ShapeTemplate After(TensorOperation operation) =>
        new(string.Join(' ', operation.Rearrange(text.Split(' ', StringSplitOptions.RemoveEmptyEntries))),
            operation.Rearrange(dimensions));
}
