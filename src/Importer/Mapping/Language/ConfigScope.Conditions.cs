namespace Importer.Mapping.Language;

/// <content>Conditions: true, false, or not to be told because a value is of the wrong type, which is recorded.</content>
internal sealed partial class ConfigScope
{
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
}
