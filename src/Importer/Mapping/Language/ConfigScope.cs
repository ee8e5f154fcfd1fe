using Importer.Mapping.Problems;

namespace Importer.Mapping.Language;

/// <summary>
/// Evaluates a table's expressions over one configuration. Every evaluation ends in a value or in a recorded problem that names
/// the keys: nothing is guessed from a value of the wrong type.
/// </summary>
internal sealed partial class ConfigScope
{
    private readonly Dictionary<string, ConfigValue> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _reported = new(StringComparer.Ordinal);
    private readonly List<MappingProblem> _problems = [];

    /// <param name="config">The configuration.</param>
    /// <param name="symbols">The table's symbols.</param>
    /// <param name="assumed">Values that symbols are taken to have, whatever the configuration says.</param>
    internal ConfigScope(ModelConfigValues config, SymbolTable symbols, IReadOnlyDictionary<string, long>? assumed = null)
    {
        Config = config;
        Symbols = symbols;
        foreach ((string name, long value) in assumed ?? new Dictionary<string, long>())
        {
            _values[name] = ConfigValue.Of(value);
        }
    }

    internal ModelConfigValues Config { get; }

    internal SymbolTable Symbols { get; }

    internal IReadOnlyList<MappingProblem> Problems => _problems;

    /// <summary>A condition; null where it cannot be told, which has then been recorded. A missing condition is true.</summary>
    internal bool? Holds(Expression? condition)
    {
        if (condition is null)
        {
            return true;
        }

        return Truth(condition, Evaluate(condition));
    }

    /// <summary>A dimension or a bound: a positive whole number, or null, which has then been recorded.</summary>
    internal long? Dimension(Expression expression)
    {
        ConfigValue value = Evaluate(expression);
        if (value.IsInvalid || !value.IsInteger(out long integer))
        {
            if (value.IsNull)
            {
                Missing(expression);
            }
            else if (!value.IsInvalid)
            {
                Invalid(expression, value, "it must be a whole number");
            }

            return null;
        }

        if (integer is > 0 and <= int.MaxValue)
        {
            return integer;
        }

        Invalid(expression, value, $"it must be a whole number from 1 to {int.MaxValue}");
        return null;
    }

    /// <summary>Whether two sizes are the same; if not, or where one is none, that has been recorded.</summary>
    internal bool AreEqual(Expression a, Expression b, string reason)
    {
        if (Dimension(a) is not { } left || Dimension(b) is not { } right)
        {
            return false;
        }

        if (left != right)
        {
            Refuse(Expression.Of(ExpressionKind.Equal, a, b), $"{reason}: {left} and {right}");
        }

        return left == right;
    }

    /// <summary>Records that the value of an expression, which has one, makes no sense.</summary>
    internal void Refuse(Expression expression, string reason) => Invalid(expression, Evaluate(expression), reason);

    internal ConfigValue Evaluate(Expression expression)
    {
        switch (expression.Kind)
        {
            case ExpressionKind.Integer:
                return ConfigValue.Of(expression.IntegerValue);
            case ExpressionKind.Boolean:
                return ConfigValue.Of(expression.IntegerValue != 0);
            case ExpressionKind.Text:
                return ConfigValue.Of(expression.Name);
            case ExpressionKind.Null:
                return ConfigValue.Null;
            case ExpressionKind.Key:
                return Config.Get(expression.Name);
            case ExpressionKind.Symbol:
                return Symbol(expression.Name);
            case ExpressionKind.Else:
                ConfigValue first = Evaluate(expression.Left);
                return first.IsNull ? Evaluate(expression.Right) : first;
            case ExpressionKind.Add or ExpressionKind.Subtract or ExpressionKind.Multiply or ExpressionKind.Divide
                or ExpressionKind.FloorDivide:
                return Calculate(expression);
            default:
                return Decide(expression) is { } truth ? ConfigValue.Of(truth) : ConfigValue.Invalid;
        }
    }

    private ConfigValue Symbol(string name)
    {
        if (!_values.TryGetValue(name, out ConfigValue value))
        {
            value = Evaluate(Symbols[name]);
            _values.Add(name, value);
        }

        return value;
    }

    private ConfigValue Calculate(Expression expression)
    {
        if (Operand(expression.Left) is not { } left || Operand(expression.Right) is not { } right)
        {
            return ConfigValue.Invalid;
        }

        bool divides = expression.Kind is ExpressionKind.Divide or ExpressionKind.FloorDivide;
        if (divides && (right == 0 || (expression.Kind == ExpressionKind.Divide && Remainder(left, right) != 0)))
        {
            Invalid(expression, ConfigValue.Of(left), $"{left} cannot be divided by {right}{(right == 0 ? "" : " without remainder")}");
            return ConfigValue.Invalid;
        }

        try
        {
            return ConfigValue.Of(expression.Kind switch
            {
                ExpressionKind.Add => checked(left + right),
                ExpressionKind.Subtract => checked(left - right),
                ExpressionKind.Multiply => checked(left * right),
                ExpressionKind.FloorDivide => checked(left / right) - (left % right != 0 && left < 0 != right < 0 ? 1 : 0),
                _ => checked(left / right),
            });
        }
        catch (OverflowException)
        {
            Invalid(expression, ConfigValue.Of(left), $"{expression} is beyond 64 bits");
            return ConfigValue.Invalid;
        }
    }

    // The processor traps at the least number and -1, as it does at zero.
    private static long Remainder(long left, long right) => right == -1 ? 0 : left % right;

    private long? Operand(Expression expression)
    {
        ConfigValue value = Evaluate(expression);
        if (value.IsInteger(out long integer))
        {
            return integer;
        }

        if (value.IsNull)
        {
            Missing(expression);
        }
        else if (!value.IsInvalid)
        {
            Invalid(expression, value, "it must be a whole number");
        }

        return null;
    }

    private void Missing(Expression expression)
    {
        string? symbol = expression.Kind == ExpressionKind.Symbol ? expression.Name : null;
        IReadOnlyList<string> keys = Symbols.Keys(expression);
        if (_reported.Add(string.Join(',', keys)))
        {
            _problems.Add(new ConfigValueMissing(Config.SourceName, keys, symbol));
        }
    }

    private void Invalid(Expression expression, ConfigValue value, string reason)
    {
        IReadOnlyList<string> keys = DecidingKeys(expression);
        if (_reported.Add($"{string.Join(',', keys)}: {reason}"))
        {
            _problems.Add(new ConfigValueInvalid(Config.SourceName, keys, value.ToString(), reason));
        }
    }

    /// <summary>The keys that the value really came from: of alternatives only the one that was there.</summary>
    internal IReadOnlyList<string> DecidingKeys(Expression expression)
    {
        List<string> keys = [];
        HashSet<string> seen = new(StringComparer.Ordinal);
        Collect(expression);
        return keys;

        void Collect(Expression part)
        {
            switch (part.Kind)
            {
                case ExpressionKind.Key:
                    if (seen.Add(part.Name))
                    {
                        keys.Add(part.Name);
                    }

                    break;
                case ExpressionKind.Symbol:
                    if (seen.Add(part.Name))
                    {
                        Collect(Symbols[part.Name]);
                    }

                    break;
                case ExpressionKind.Else:
                    Collect(Evaluate(part.Left).IsNull ? part.Right : part.Left);
                    break;
                default:
                    foreach (Expression operand in part.Operands)
                    {
                        Collect(operand);
                    }

                    break;
            }
        }
    }
}
