using Importer.Mapping.Problems;

namespace Importer.Mapping.Language;

/// <summary>
/// Evaluates a table's expressions over one configuration. Every evaluation ends in a value or in a recorded problem that names
/// the keys: nothing is guessed from a value of the wrong type.
/// </summary>
internal sealed class ConfigScope
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
                Missing(expression, symbol: null);
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
            case ExpressionKind.Add or ExpressionKind.Subtract or ExpressionKind.Multiply or ExpressionKind.Divide:
                return Calculate(expression);
            default:
                return Decide(expression) is { } truth ? ConfigValue.Of(truth) : ConfigValue.Invalid;
        }
    }

    private ConfigValue Symbol(string name)
    {
        if (!_values.TryGetValue(name, out ConfigValue value))
        {
            Expression definition = Symbols[name];
            value = Evaluate(definition);
            if (value.IsNull)
            {
                Missing(definition, name);
                value = ConfigValue.Invalid;
            }

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

        if (expression.Kind == ExpressionKind.Divide && (right == 0 || left % right != 0))
        {
            Invalid(expression, ConfigValue.Of(left), $"{left} cannot be divided by {right} without remainder");
            return ConfigValue.Invalid;
        }

        try
        {
            return ConfigValue.Of(expression.Kind switch
            {
                ExpressionKind.Add => checked(left + right),
                ExpressionKind.Subtract => checked(left - right),
                ExpressionKind.Multiply => checked(left * right),
                _ => checked(left / right),
            });
        }
        catch (OverflowException)
        {
            Invalid(expression, ConfigValue.Of(left), $"{expression} is beyond 64 bits");
            return ConfigValue.Invalid;
        }
    }

    private long? Operand(Expression expression)
    {
        ConfigValue value = Evaluate(expression);
        if (value.IsInteger(out long integer))
        {
            return integer;
        }

        if (value.IsNull)
        {
            Missing(expression, symbol: null);
        }
        else if (!value.IsInvalid)
        {
            Invalid(expression, value, "it must be a whole number");
        }

        return null;
    }

    private bool? Decide(Expression expression)
    {
        switch (expression.Kind)
        {
            case ExpressionKind.Not:
                return !Truth(expression.Left, Evaluate(expression.Left));
            case ExpressionKind.And:
                bool? and = Truth(expression.Left, Evaluate(expression.Left));
                return and != true ? and : Truth(expression.Right, Evaluate(expression.Right));
            case ExpressionKind.Or:
                bool? or = Truth(expression.Left, Evaluate(expression.Left));
                return or != false ? or : Truth(expression.Right, Evaluate(expression.Right));
        }

        ConfigValue left = Evaluate(expression.Left);
        if (expression.Kind == ExpressionKind.In)
        {
            bool found = false;
            foreach (Expression item in expression.Operands.Skip(1))
            {
                switch (AreEqual(expression.Left, left, Evaluate(item)))
                {
                    case null:
                        return null;
                    case true:
                        found = true;
                        break;
                }
            }

            return found;
        }

        ConfigValue right = Evaluate(expression.Right);
        if (expression.Kind is ExpressionKind.Equal or ExpressionKind.NotEqual)
        {
            bool? equal = AreEqual(expression, left, right);
            return expression.Kind == ExpressionKind.Equal ? equal : !equal;
        }

        if (left.IsInvalid || right.IsInvalid)
        {
            return null;
        }

        if (left.IsNull || right.IsNull)
        {
            return false;
        }

        if (left.IsInteger(out long a) && right.IsInteger(out long b))
        {
            return expression.Kind == ExpressionKind.Less ? a < b : a > b;
        }

        Invalid(expression, left.IsInteger(out _) ? right : left, "only whole numbers are smaller or greater");
        return null;
    }

    private bool? AreEqual(Expression where, ConfigValue left, ConfigValue right)
    {
        if (left.IsInvalid || right.IsInvalid)
        {
            return null;
        }

        if (left.IsNull || right.IsNull)
        {
            return left.IsNull && right.IsNull;
        }

        if (left.IsComparableTo(right))
        {
            return left.IsEqualTo(right);
        }

        Invalid(where, left, $"it cannot be compared with {right}");
        return null;
    }

    private bool? Truth(Expression where, ConfigValue value)
    {
        if (value.IsNull)
        {
            return false;
        }

        if (value.IsBoolean(out bool truth))
        {
            return truth;
        }

        if (!value.IsInvalid)
        {
            Invalid(where, value, "it must be true or false");
        }

        return null;
    }

    private void Missing(Expression expression, string? symbol)
    {
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
