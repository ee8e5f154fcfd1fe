namespace Importer.Mapping.Language;

/// <summary>Finds, without a configuration, the type of an expression and the parts that cannot be of theirs.</summary>
internal static class ExpressionTypes
{
    /// <summary>The type, and in <paramref name="fault"/> the first part that makes no sense.</summary>
    internal static ExpressionType Of(Expression expression, Func<string, ExpressionType> symbol, ref string? fault)
    {
        ExpressionType[] operands = new ExpressionType[expression.Operands.Count];
        for (int i = 0; i < operands.Length; i++)
        {
            operands[i] = Of(expression.Operands[i], symbol, ref fault);
        }

        switch (expression.Kind)
        {
            case ExpressionKind.Integer:
                return ExpressionType.Integer;
            case ExpressionKind.Text:
                return ExpressionType.Text;
            case ExpressionKind.Boolean:
                return ExpressionType.Boolean;
            case ExpressionKind.Symbol:
                return symbol(expression.Name);
            case ExpressionKind.Add or ExpressionKind.Subtract or ExpressionKind.Multiply or ExpressionKind.Divide
                or ExpressionKind.FloorDivide:
                Require(ExpressionType.Integer, "a whole number", ref fault);
                return ExpressionType.Integer;
            case ExpressionKind.Not or ExpressionKind.And or ExpressionKind.Or:
                Require(ExpressionType.Boolean, "true or false", ref fault);
                return ExpressionType.Boolean;
            case ExpressionKind.Less or ExpressionKind.Greater:
                Require(ExpressionType.Integer, "a whole number", ref fault);
                return ExpressionType.Boolean;
            case ExpressionKind.Equal or ExpressionKind.NotEqual or ExpressionKind.In:
                if (operands.Where(operand => operand != ExpressionType.Unknown).Distinct().Count() > 1)
                {
                    fault ??= $"'{expression}' compares values of different types";
                }

                return ExpressionType.Boolean;
            case ExpressionKind.Else:
                if (operands[0] != ExpressionType.Unknown && operands[1] != ExpressionType.Unknown && operands[0] != operands[1])
                {
                    fault ??= $"'{expression}' chooses between values of different types";
                }

                return operands[0] != ExpressionType.Unknown ? operands[0] : operands[1];
            default:
                return ExpressionType.Unknown;
        }

        void Require(ExpressionType type, string name, ref string? fault)
        {
            for (int i = 0; i < operands.Length; i++)
            {
                if (operands[i] != ExpressionType.Unknown && operands[i] != type)
                {
                    fault ??= $"'{expression.Operands[i]}' is not {name}";
                }
            }
        }
    }
}
