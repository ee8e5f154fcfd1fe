using System.Globalization;

namespace Importer.Mapping.Language;

/// <summary>A parsed expression over the configuration.</summary>
internal sealed class Expression
{
    private Expression(ExpressionKind kind, long integer, string text, IReadOnlyList<Expression> operands)
    {
        Kind = kind;
        IntegerValue = integer;
        Name = text;
        Operands = operands;
    }

    internal ExpressionKind Kind { get; }

    /// <summary>The number of an integer literal; 1 or 0 for true and false.</summary>
    internal long IntegerValue { get; }

    /// <summary>The text of a string literal, or the name of a key or symbol.</summary>
    internal string Name { get; }

    internal IReadOnlyList<Expression> Operands { get; }

    internal Expression Left => Operands[0];

    internal Expression Right => Operands[1];

    internal static Expression Integer(long value) => new(ExpressionKind.Integer, value, "", []);

    internal static Expression Boolean(bool value) => new(ExpressionKind.Boolean, value ? 1 : 0, "", []);

    internal static Expression Literal(string value) => new(ExpressionKind.Text, 0, value, []);

    internal static Expression Null() => new(ExpressionKind.Null, 0, "", []);

    internal static Expression Any() => new(ExpressionKind.Any, 0, "", []);

    internal static Expression Reference(string name) =>
        new(char.IsAsciiLetterUpper(name[0]) ? ExpressionKind.Symbol : ExpressionKind.Key, 0, name, []);

    internal static Expression Of(ExpressionKind kind, params IReadOnlyList<Expression> operands) => new(kind, 0, "", operands);

    /// <summary>The product of some sizes, 1 for none.</summary>
    internal static Expression Product(IReadOnlyList<Expression> factors) =>
        factors.Count == 0 ? Integer(1) : factors.Aggregate((a, b) => Of(ExpressionKind.Multiply, a, b));

    /// <summary>The sum of some sizes; equal ones as a product.</summary>
    internal static Expression Sum(IReadOnlyList<Expression> terms) =>
        terms.Count > 1 && terms.Select(term => term.ToString()).Distinct(StringComparer.Ordinal).Count() == 1
            ? Of(ExpressionKind.Multiply, Integer(terms.Count), terms[0])
            : terms.Aggregate((a, b) => Of(ExpressionKind.Add, a, b));

    /// <summary>The expression itself and all its parts.</summary>
    internal IEnumerable<Expression> Parts() => Operands.SelectMany(operand => operand.Parts()).Prepend(this);

    /// <summary>The expression in canonical writing: equal texts mean equal expressions.</summary>
    public override string ToString() => Kind switch
    {
        ExpressionKind.Integer => IntegerValue.ToString(CultureInfo.InvariantCulture),
        ExpressionKind.Boolean => IntegerValue == 1 ? "true" : "false",
        ExpressionKind.Null => "null",
        ExpressionKind.Any => "*",
        ExpressionKind.Text => $"\"{Name}\"",
        ExpressionKind.Key or ExpressionKind.Symbol => Name,
        ExpressionKind.Not => $"!{Inner(Left)}",
        ExpressionKind.Multiply => $"{Inner(Left)}*{Inner(Right)}",
        ExpressionKind.Divide => $"{Inner(Left)}/{Inner(Right)}",
        ExpressionKind.FloorDivide => $"{Inner(Left)}//{Inner(Right)}",
        ExpressionKind.In => $"{Inner(Left)} in [{string.Join(", ", Operands.Skip(1))}]",
        _ => $"{Inner(Left)} {Sign(Kind)} {Inner(Right)}",
    };

    private static string Inner(Expression part) =>
        part.Operands.Count == 0 || part.Kind is ExpressionKind.Not ? part.ToString() : $"({part})";

    private static string Sign(ExpressionKind kind) => kind switch
    {
        ExpressionKind.Add => "+",
        ExpressionKind.Subtract => "-",
        ExpressionKind.Else => "??",
        ExpressionKind.Equal => "==",
        ExpressionKind.NotEqual => "!=",
        ExpressionKind.Less => "<",
        ExpressionKind.Greater => ">",
        ExpressionKind.And => "&&",
        _ => "||",
    };
}
