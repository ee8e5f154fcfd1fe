using Importer.Mapping.Language;

namespace Importer.Mapping.Checks;

/// <summary>Whether two conditions can be seen never to hold together. It may say no where they do not; then a table is refused.</summary>
internal static class Exclusion
{
    internal static bool Exclude(Expression? a, Expression? b) =>
        a is not null && b is not null && Terms(a).Any(left => Terms(b).Any(right => Contradict(left, right)));

    private static IEnumerable<Expression> Terms(Expression condition) =>
        condition.Kind == ExpressionKind.And ? condition.Operands.SelectMany(Terms) : [condition];

    private static bool Contradict(Expression a, Expression b)
    {
        if ((a.Kind == ExpressionKind.Not && Same(a.Left, b)) || (b.Kind == ExpressionKind.Not && Same(b.Left, a)))
        {
            return true;
        }

        if (a.Operands.Count == 0 || b.Operands.Count == 0 || !Same(a.Left, b.Left))
        {
            return false;
        }

        // x == "p" against x == "q", x in [p, q] against x in [r], x == "p" against x != "p".
        return (Values(a), Values(b)) switch
        {
            ({ } left, { } right) => !left.Intersect(right, StringComparer.Ordinal).Any(),
            ({ } left, null) => b.Kind == ExpressionKind.NotEqual && left is [var one] && one == b.Right.ToString(),
            (null, { } right) => a.Kind == ExpressionKind.NotEqual && right is [var one] && one == a.Right.ToString(),
            _ => false,
        };
    }

    private static string[]? Values(Expression condition) => condition.Kind switch
    {
        ExpressionKind.In => [.. condition.Operands.Skip(1).Select(item => item.ToString())],
        ExpressionKind.Equal when condition.Right.Kind
            is ExpressionKind.Text or ExpressionKind.Integer or ExpressionKind.Boolean or ExpressionKind.Null
            => [condition.Right.ToString()],
        _ => null,
    };

    private static bool Same(Expression a, Expression b) => a.ToString() == b.ToString();
}
