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
        bool found = Is(text);
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
            else if (Is("not") && tokens[_next + 1] is { Kind: JinjaTokenKind.Name, Text: "in" })
            {
                _next += 2;
                var other = Sum();
                left = scope => !JinjaValue.Contains(scope, other(scope), one(scope));
            }
            else if (Current.Kind == JinjaTokenKind.Sign && Current.Text is ("<" or "<=" or ">" or ">="))
            {
                string sign = Take().Text;
                var other = Sum();
                left = scope => Order(scope, one(scope), other(scope)) is var order && sign switch { "<" => order < 0, "<=" => order <= 0, ">" => order > 0, _ => order >= 0 };
            }
            else
            {
                return left;
            }
        }
    }

    private static int Order(JinjaScope scope, object? one, object? other)
    {
        scope.StepOver(one);
        return one is string text && other is string otherText
            ? string.CompareOrdinal(text, otherText)
            : JinjaValue.Number(one).CompareTo(JinjaValue.Number(other));
    }

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
                scope.StepForText((long)text.Length + more.Length);
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
            left = scope => Add(scope, JinjaText.Of(scope, one(scope)), JinjaText.Of(scope, other(scope)));
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
                object number = Number(token.Text);
                return _ => number;
            case JinjaTokenKind.Name:
                return Named(token.Text);
        }

        switch (token.Text)
        {
            case "(":
                return Parenthesised();
            case "[":
                return Listed([], "]");
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

                return scope =>
                {
                    var map = new Dictionary<string, object?>();
                    foreach (var (key, value) in pairs)
                    {
                        map[key(scope) as string ?? throw JinjaError.Unsupported("a map whose keys are not text")] = value(scope);
                    }

                    return map;
                };
            default:
                throw JinjaError.Broken($"'{token.Text}' is not understood");
        }
    }

    private static object Number(string text)
    {
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long whole))
        {
            return whole;
        }

        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double real)
            ? real
            : throw JinjaError.Broken($"'{text}' is no number");
    }

    /// <summary>What is in parentheses: an expression, or with a comma a tuple, which is a list here.</summary>
    private JinjaExpression Parenthesised()
    {
        if (Accept(")"))
        {
            return _ => new List<object?>();
        }

        var inner = Parse();
        if (Accept(","))
        {
            return Listed([inner], ")");
        }

        Expect(")");
        return inner;
    }

    private JinjaExpression Listed(List<JinjaExpression> items, string end)
    {
        while (!Accept(end))
        {
            items.Add(Parse());
            if (!Accept(","))
            {
                Expect(end);
                break;
            }
        }

        return scope => items.Select(item => item(scope)).ToList();
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
            return scope.Made(JinjaFunctions.Call(scope, name, Values(args, scope), Values(named, scope)));
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
                    var (args, named) = Arguments();
                    if (named.Count > 0)
                    {
                        throw JinjaError.Unsupported($"the method {name} with named arguments");
                    }

                    value = scope =>
                    {
                        object? of = target(scope);
                        scope.StepOver(of);
                        return scope.Made(JinjaFunctions.Method(scope, of, name, Values(args, scope)));
                    };
                }
                else
                {
                    value = scope => JinjaValue.Get(scope, target(scope), name);
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
                    object? of = target(scope);
                    scope.StepOver(of);
                    return scope.Made(JinjaFunctions.Filter(scope, of, name, Values(args, scope), Values(named, scope)));
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
        JinjaExpression? start = Is(":") ? null : Parse(), stop = null, step = null;
        if (Accept("]"))
        {
            return scope => JinjaValue.Get(scope, target(scope), start!(scope));
        }

        Expect(":");
        stop = Is(":") || Is("]") ? null : Parse();
        step = Accept(":") && !Is("]") ? Parse() : null;
        Expect("]");
        return scope => JinjaValue.Slice(scope, target(scope), Bound(start, scope), Bound(stop, scope), Bound(step, scope) ?? 1);

        static long? Bound(JinjaExpression? bound, JinjaScope scope) => bound?.Invoke(scope) is { } value ? JinjaValue.Whole(value) : null;
    }

    private (List<JinjaExpression> Args, List<KeyValuePair<string, JinjaExpression>> Named) Arguments()
    {
        var args = new List<JinjaExpression>();
        var named = new List<KeyValuePair<string, JinjaExpression>>();
        while (!Accept(")"))
        {
            if (Current.Kind == JinjaTokenKind.Name && tokens[_next + 1] is { Kind: JinjaTokenKind.Sign, Text: "=" })
            {
                string name = Name();
                Expect("=");
                if (named.Any(pair => pair.Key == name))
                {
                    throw JinjaError.Broken($"the argument {name} is there twice");
                }

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

    private bool Is(string text) => Current.Kind is JinjaTokenKind.Name or JinjaTokenKind.Sign && Current.Text == text;

    private static object?[] Values(List<JinjaExpression> args, JinjaScope scope) => [.. args.Select(arg => arg(scope))];

    private static Dictionary<string, object?> Values(List<KeyValuePair<string, JinjaExpression>> named, JinjaScope scope) =>
        new(named.Select(pair => KeyValuePair.Create(pair.Key, pair.Value(scope))));
}
