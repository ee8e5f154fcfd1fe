using System.Globalization;

namespace Importer.Extensions.AI.Templates;

/// <summary>Computes an expression's value.</summary>
internal delegate object? JinjaExpression(JinjaScope scope);

/// <summary>Parses expressions into functions, by Jinja's precedence: if, or, and, not, comparisons, + and -, ~, * and /, signs, fields and filters.</summary>
internal sealed class JinjaExpressions(List<JinjaToken> tokens)
{
    private const int MaxDepth = 100;

    private int _next;
    private int _depth;

    public JinjaToken Current => tokens[_next];

    public JinjaToken Take() => tokens[Math.Min(_next++, tokens.Count - 1)];

    public bool Accept(string text)
    {
        bool found = Current.Kind is JinjaTokenKind.Name or JinjaTokenKind.Sign && Current.Text == text;
        _next += found ? 1 : 0;
        return found;
    }

    public void Expect(string text)
    {
        if (!Accept(text))
        {
            throw JinjaError.Broken($"'{text}' is missing before '{Current.Text}'");
        }
    }

    public string Name() => Current.Kind == JinjaTokenKind.Name ? Take().Text : throw JinjaError.Broken($"a name is missing before '{Current.Text}'");

    public void End()
    {
        if (Current.Kind != JinjaTokenKind.End)
        {
            throw JinjaError.Broken($"'{Current.Text}' is not understood");
        }
    }

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
                left = scope => JinjaValue.AreEqual(one(scope), other(scope));
            }
            else if (Accept("!="))
            {
                var other = Sum();
                left = scope => !JinjaValue.AreEqual(one(scope), other(scope));
            }
            else if (Accept("in"))
            {
                var other = Sum();
                left = scope => JinjaValue.Contains(other(scope), one(scope));
            }
            else if (Current.Text == "not" && tokens[_next + 1].Text == "in")
            {
                _next += 2;
                var other = Sum();
                left = scope => !JinjaValue.Contains(other(scope), one(scope));
            }
            else if (Current.Kind == JinjaTokenKind.Sign && Current.Text is ("<" or "<=" or ">" or ">="))
            {
                string sign = Take().Text;
                var other = Sum();
                left = scope => Order(one(scope), other(scope)) is var order && sign switch { "<" => order < 0, "<=" => order <= 0, ">" => order > 0, _ => order >= 0 };
            }
            else
            {
                return left;
            }
        }
    }

    private static int Order(object? one, object? other) => one is string text && other is string otherText
        ? string.CompareOrdinal(text, otherText)
        : JinjaValue.Number(one).CompareTo(JinjaValue.Number(other));

    private JinjaExpression Sum()
    {
        var left = Joined();
        while (Current.Kind == JinjaTokenKind.Sign && Current.Text is ("+" or "-"))
        {
            bool plus = Take().Text == "+";
            JinjaExpression one = left, other = Joined();
            left = scope => plus ? Add(scope, one(scope), other(scope)) : Arithmetic("-", one(scope), other(scope));
        }

        return left;
    }

    private static object? Add(JinjaScope scope, object? one, object? other)
    {
        switch (one, other)
        {
            case (string text, string more):
                scope.Step(1 + (text.Length + more.Length) / 1024);
                return text + more;
            case (List<object?> list, List<object?> more):
                scope.Step(1 + list.Count + more.Count);
                return list.Concat(more).ToList();
            default:
                return Arithmetic("+", one, other);
        }
    }

    private JinjaExpression Joined()
    {
        var left = Product();
        while (Accept("~"))
        {
            JinjaExpression one = left, other = Product();
            left = scope => Add(scope, JinjaValue.Text(one(scope)), JinjaValue.Text(other(scope)));
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
            left = scope => Arithmetic(sign, one(scope), other(scope));
        }

        return left;
    }

    private static object Arithmetic(string sign, object? one, object? other)
    {
        double a = JinjaValue.Number(one), b = JinjaValue.Number(other);
        if (b == 0 && sign is ("/" or "//" or "%"))
        {
            throw JinjaError.Fails("a number is divided by zero");
        }

        double result = sign switch { "+" => a + b, "-" => a - b, "*" => a * b, "/" => a / b, "//" => Math.Floor(a / b), _ => a - b * Math.Floor(a / b) };
        bool isWhole = sign != "/" && one is not double && other is not double && Math.Abs(result) < 1L << 53;
        return JinjaValue.Box(result, isWhole);
    }

    private JinjaExpression Signed()
    {
        if (!Accept("-"))
        {
            return Postfix(Primary());
        }

        var operand = Postfix(Primary());
        return scope => Arithmetic("-", 0L, operand(scope));
    }

    private JinjaExpression Primary()
    {
        var token = Take();
        switch (token.Kind)
        {
            case JinjaTokenKind.Text:
                return _ => token.Text;
            case JinjaTokenKind.Number:
                object number = token.Text.Contains('.') || !long.TryParse(token.Text, CultureInfo.InvariantCulture, out long whole)
                    ? (object)double.Parse(token.Text, CultureInfo.InvariantCulture)
                    : whole;
                return _ => number;
            case JinjaTokenKind.Name:
                return Named(token.Text);
        }

        switch (token.Text)
        {
            case "(":
                var inner = Parse();
                Expect(")");
                return inner;
            case "[":
                var items = new List<JinjaExpression>();
                while (!Accept("]"))
                {
                    items.Add(Parse());
                    if (!Accept(","))
                    {
                        Expect("]");
                        break;
                    }
                }

                return scope => items.Select(item => item(scope)).ToList();
            case "{":
                var pairs = new List<(JinjaExpression Key, JinjaExpression Value)>();
                while (!Accept("}"))
                {
                    var key = Parse();
                    Expect(":");
                    pairs.Add((key, Parse()));
                    if (!Accept(","))
                    {
                        Expect("}");
                        break;
                    }
                }

                return scope => pairs.ToDictionary(pair => JinjaValue.Text(pair.Key(scope)), pair => pair.Value(scope));
            default:
                throw JinjaError.Broken($"'{token.Text}' is not understood");
        }
    }

    private JinjaExpression Named(string name)
    {
        switch (name)
        {
            case "true" or "True":
                return _ => true;
            case "false" or "False":
                return _ => false;
            case "none" or "None":
                return _ => null;
        }

        if (!Accept("("))
        {
            return scope => scope[name];
        }

        var (args, named) = Arguments();
        return scope =>
        {
            scope.Step();
            return JinjaFunctions.Call(name, [.. args.Select(arg => arg(scope))], named.ToDictionary(pair => pair.Key, pair => pair.Value(scope)));
        };
    }

    private JinjaExpression Postfix(JinjaExpression value)
    {
        while (true)
        {
            var target = value;
            if (Accept("."))
            {
                string name = Name();
                if (Accept("("))
                {
                    var (args, _) = Arguments();
                    value = scope =>
                    {
                        scope.Step();
                        return JinjaFunctions.Method(target(scope), name, [.. args.Select(arg => arg(scope))]);
                    };
                }
                else
                {
                    value = scope => JinjaValue.Get(target(scope), name);
                }
            }
            else if (Accept("["))
            {
                value = Subscript(target);
            }
            else if (Accept("|"))
            {
                string name = Name();
                var (args, named) = Accept("(") ? Arguments() : ([], []);
                value = scope =>
                {
                    scope.Step();
                    return JinjaFunctions.Filter(
                        target(scope), name, [.. args.Select(arg => arg(scope))], named.ToDictionary(pair => pair.Key, pair => pair.Value(scope)));
                };
            }
            else if (Accept("is"))
            {
                bool negated = Accept("not");
                string name = Name();
                value = scope => JinjaFunctions.Test(target(scope), name) != negated;
            }
            else
            {
                return value;
            }
        }
    }

    private JinjaExpression Subscript(JinjaExpression target)
    {
        JinjaExpression? start = Current.Text is ":" ? null : Parse(), stop = null, step = null;
        if (Accept("]"))
        {
            return scope => JinjaValue.Get(target(scope), start!(scope));
        }

        Expect(":");
        stop = Current.Text is ":" or "]" ? null : Parse();
        step = Accept(":") && Current.Text != "]" ? Parse() : null;
        Expect("]");
        return scope => JinjaValue.Slice(target(scope), Bound(start, scope), Bound(stop, scope), Bound(step, scope) ?? 1);

        static long? Bound(JinjaExpression? bound, JinjaScope scope) => bound?.Invoke(scope) is { } value ? JinjaValue.Whole(value) : null;
    }

    private (List<JinjaExpression> Args, List<KeyValuePair<string, JinjaExpression>> Named) Arguments()
    {
        var args = new List<JinjaExpression>();
        var named = new List<KeyValuePair<string, JinjaExpression>>();
        while (!Accept(")"))
        {
            if (Current.Kind == JinjaTokenKind.Name && tokens[_next + 1].Text == "=")
            {
                string name = Name();
                Expect("=");
                named.Add(new(name, Parse()));
            }
            else
            {
                args.Add(Parse());
            }

            if (!Accept(","))
            {
                Expect(")");
                break;
            }
        }

        return (args, named);
    }
}
