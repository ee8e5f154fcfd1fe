namespace Importer.Extensions.AI.Templates;

/// <summary>Parses expressions into functions, by Jinja's precedence: if, or, and, not, comparisons, + and -, ~, * and /, signs, fields and filters.</summary>
internal sealed partial class JinjaExpressions(List<JinjaToken> tokens) : JinjaCursor(tokens)
{
    private const int MaxDepth = 100;

    private int _depth;

    /// <summary>An expression, with "a if b else c".</summary>
    public JinjaExpression Parse()
    {
        if (++_depth > MaxDepth)
        {
            throw JinjaError.Broken("expressions are nested too deeply");
        }

        var value = Or();
        while (Accept("if"))
        {
            JinjaExpression then = value, condition = Or(), otherwise = Accept("else") ? Parse() : _ => JinjaValue.Undefined;
            value = scope => JinjaValue.IsTrue(condition(scope)) ? then(scope) : otherwise(scope);
        }

        _depth--;
        return value;
    }

    /// <summary>An expression without "if", which a loop may have behind what it goes over.</summary>
    public JinjaExpression Or()
    {
        var left = And();
        while (Accept("or"))
        {
            JinjaExpression one = left, other = And();
            left = scope => one(scope) is var value && JinjaValue.IsTrue(value) ? value : other(scope);
        }

        return left;
    }

    private JinjaExpression And()
    {
        var left = Not();
        while (Accept("and"))
        {
            JinjaExpression one = left, other = Not();
            left = scope => one(scope) is var value && JinjaValue.IsTrue(value) ? other(scope) : value;
        }

        return left;
    }

    private JinjaExpression Not()
    {
        if (!Accept("not"))
        {
            return Comparison();
        }

        if (++_depth > MaxDepth)
        {
            throw JinjaError.Broken("expressions are nested too deeply");
        }

        var operand = Not();
        _depth--;
        return scope => !JinjaValue.IsTrue(operand(scope));
    }

    private JinjaExpression Comparison()
    {
        var left = Sum();
        while (true)
        {
            var one = left;
            if (Accept("=="))
            {
                var other = Sum();
                left = scope => JinjaValue.AreEqual(scope, one(scope), other(scope));
            }
            else if (Accept("!="))
            {
                var other = Sum();
                left = scope => !JinjaValue.AreEqual(scope, one(scope), other(scope));
            }
            else if (Accept("in"))
            {
                var other = Sum();
                left = scope => JinjaValue.Contains(scope, other(scope), one(scope));
            }
            else if (Accept("not", "in"))
            {
                var other = Sum();
                left = scope => !JinjaValue.Contains(scope, other(scope), one(scope));
            }
            else if (Current.Kind == JinjaTokenKind.Sign && Current.Text is ("<" or "<=" or ">" or ">="))
            {
                string sign = Take().Text;
                var other = Sum();
                left = scope => JinjaOperators.Order(scope, one(scope), other(scope)) is var order && sign switch { "<" => order < 0, "<=" => order <= 0, ">" => order > 0, _ => order >= 0 };
            }
            else
            {
                return left;
            }
        }
    }

    private JinjaExpression Sum()
    {
        var left = Joined();
        while (Current.Kind == JinjaTokenKind.Sign && Current.Text is ("+" or "-"))
        {
            bool plus = Take().Text == "+";
            JinjaExpression one = left, other = Joined();
            left = scope => plus ? JinjaOperators.Add(scope, one(scope), other(scope)) : JinjaOperators.Arithmetic("-", one(scope), other(scope));
        }

        return left;
    }

    private JinjaExpression Joined()
    {
        var left = Product();
        while (Accept("~"))
        {
            JinjaExpression one = left, other = Product();
            left = scope => JinjaOperators.Add(scope, JinjaText.Of(scope, one(scope)), JinjaText.Of(scope, other(scope)));
        }

        return left;
    }

    private JinjaExpression Product()
    {
        var left = Signed();
        while (Current.Kind == JinjaTokenKind.Sign && Current.Text is ("*" or "/" or "//" or "%"))
        {
            string sign = Take().Text;
            JinjaExpression one = left, other = Signed();
            left = scope => JinjaOperators.Arithmetic(sign, one(scope), other(scope));
        }

        return left;
    }

    private JinjaExpression Signed()
    {
        if (!Accept("-"))
        {
            return Postfix(Primary());
        }

        var operand = Postfix(Primary());
        return scope => JinjaOperators.Arithmetic("-", 0L, operand(scope));
    }
}
