using Importer.Mapping.Language;

namespace Importer.Mapping.Checks;

/// <summary>
/// Whether two dimensions are the same for every configuration, or for every one that takes some alternative of <c>a | b</c>.
/// </summary>
/// <remarks>
/// Sizes are compared as numbers of the field with 2^61-1 elements, with a pseudo-random number in the place of every key: two
/// different rational expressions of this size agree there by an accident of less than one in 10^15 (Schwartz 1980, Zippel 1979).
/// So H*(D/H) is D, without an algebra system.
/// </remarks>
internal sealed class SymbolicSize
{
    private const ulong Prime = (1UL << 61) - 1;
    private const int MaxChoices = 8;

    private readonly SymbolTable _symbols;
    private readonly HashSet<Expression> _second;
    private readonly Dictionary<string, ulong?> _memo = new(StringComparer.Ordinal);

    /// <param name="symbols">The table's symbols.</param>
    /// <param name="second">The <c>a | b</c> of which the second alternative is taken.</param>
    private SymbolicSize(SymbolTable symbols, HashSet<Expression> second)
    {
        _symbols = symbols;
        _second = second;
    }

    /// <summary>Whether both are equal for all configurations that make one and the same choice of alternatives.</summary>
    internal static bool CanBeEqual(SymbolTable symbols, Expression a, Expression b)
    {
        List<Expression> choices = [];
        HashSet<string> seen = new(StringComparer.Ordinal);
        Collect(a);
        Collect(b);
        int considered = Math.Min(choices.Count, MaxChoices);
        for (int combination = 0; combination < 1 << considered; combination++)
        {
            int taken = combination;
            HashSet<Expression> second = [.. choices.Take(considered).Where((_, i) => (taken >> i & 1) == 1)];
            SymbolicSize sizes = new(symbols, second);
            if (sizes.Value(a) is { } value && value == sizes.Value(b))
            {
                return true;
            }
        }

        return false;

        void Collect(Expression expression)
        {
            foreach (Expression part in expression.Parts())
            {
                if (part.Kind == ExpressionKind.Else)
                {
                    choices.Add(part);
                }
                else if (part.Kind == ExpressionKind.Symbol && seen.Add(part.Name))
                {
                    Collect(symbols[part.Name]);
                }
            }
        }
    }

    /// <summary>Whether both are equal for every configuration.</summary>
    internal static bool AreEqual(SymbolTable symbols, Expression a, Expression b)
    {
        SymbolicSize sizes = new(symbols, []);
        return sizes.Value(a) is { } value && value == sizes.Value(b);
    }

    /// <summary>Whether both shapes are equal for every configuration.</summary>
    internal static bool AreEqual(SymbolTable symbols, ShapeTemplate a, ShapeTemplate b) =>
        a.Dimensions.Count == b.Dimensions.Count && a.Dimensions.Zip(b.Dimensions).All(pair => AreEqual(symbols, pair.First, pair.Second));

    private ulong? Value(Expression expression)
    {
        switch (expression.Kind)
        {
            case ExpressionKind.Integer:
                return (ulong)expression.IntegerValue;
            case ExpressionKind.Key:
                return Sample(expression.Name);
            case ExpressionKind.Else:
                return Value(_second.Contains(expression) ? expression.Right : expression.Left);
            case ExpressionKind.Symbol:
                if (!_memo.TryGetValue(expression.Name, out ulong? known))
                {
                    known = Value(_symbols[expression.Name]);
                    _memo.Add(expression.Name, known);
                }

                return known;
            case ExpressionKind.Add or ExpressionKind.Subtract or ExpressionKind.Multiply or ExpressionKind.Divide:
                break;
            default:
                return null;
        }

        if (Value(expression.Left) is not { } left || Value(expression.Right) is not { } right)
        {
            return null;
        }

        return expression.Kind switch
        {
            ExpressionKind.Add => (left + right) % Prime,
            ExpressionKind.Subtract => (left + Prime - right) % Prime,
            ExpressionKind.Multiply => Multiply(left, right),
            _ => right == 0 ? null : Multiply(left, Inverse(right)),
        };
    }

    private static ulong Sample(string key)
    {
        // FNV-1a: the same in every process, so that a table's checks never change their mind.
        ulong hash = 14695981039346656037;
        foreach (char c in key)
        {
            hash = (hash ^ c) * 1099511628211;
        }

        return hash % Prime;
    }

    private static ulong Multiply(ulong a, ulong b) => (ulong)((UInt128)a * b % Prime);

    private static ulong Inverse(ulong value)
    {
        ulong result = 1;
        for (ulong exponent = Prime - 2; exponent > 0; exponent >>= 1)
        {
            result = (exponent & 1) == 1 ? Multiply(result, value) : result;
            value = Multiply(value, value);
        }

        return result;
    }
}
