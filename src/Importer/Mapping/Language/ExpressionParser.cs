using System.Globalization;

namespace Importer.Mapping.Language;

/// <summary>
/// Parses expressions over the configuration. From weak to strong: <c>||</c>, <c>&amp;&amp;</c>, one comparison
/// (<c>== != &lt; &gt; in</c>), <c>??</c> (or <c>|</c>), <c>+ -</c>, <c>* / //</c>, <c>!</c>.
/// </summary>
internal struct ExpressionParser
{
    private const int MaxLength = 1000;
    private const int MaxDepth = 32;
    private const int MaxNodes = 200;

    private ExpressionTokens _tokens;
    private int _depth;
    private int _nodes;

    private ExpressionParser(string text) => _tokens = new ExpressionTokens(text);

    /// <exception cref="ExpressionSyntaxException">The text is not an expression.</exception>
    internal static Expression Parse(string text) => Parse(text, (ref ExpressionParser parser) => parser.Or());

    /// <summary>Parses a dimension: whole numbers and symbols with <c>+ - * / // ( )</c>.</summary>
    /// <exception cref="ExpressionSyntaxException">The text is not a dimension.</exception>
    internal static Expression ParseDimension(string text)
    {
        Expression dimension = Parse(text, (ref ExpressionParser parser) => parser.Sum());
        foreach (Expression part in dimension.Parts())
        {
            if (part.Kind == ExpressionKind.Key)
            {
                throw new ExpressionSyntaxException(
                    $"a dimension names symbols, which begin with a capital; give '{part.Name}' one in \"config\"");
            }

            if (part.Kind is not (ExpressionKind.Integer or ExpressionKind.Symbol or ExpressionKind.Add or ExpressionKind.Subtract
                or ExpressionKind.Multiply or ExpressionKind.Divide or ExpressionKind.FloorDivide))
            {
                throw new ExpressionSyntaxException($"'{part}' cannot be part of a dimension");
            }
        }

        return dimension;
    }

    private delegate Expression Rule(ref ExpressionParser parser);

    private static Expression Parse(string text, Rule rule)
    {
        if (text.Length > MaxLength)
        {
            throw new ExpressionSyntaxException($"an expression has at most {MaxLength} characters");
        }

        ExpressionParser parser = new(text);
        Expression expression = rule(ref parser);
        return parser._tokens.IsAtEnd
            ? expression
            : throw new ExpressionSyntaxException(
                $"unexpected {NameText.Quote(parser._tokens.Current.ToString())} at character {parser._tokens.Position}");
    }

    private Expression Or()
    {
        Expression left = And();
        while (_tokens.Take("||"))
        {
            left = Node(ExpressionKind.Or, left, And());
        }

        return left;
    }

    private Expression And()
    {
        Expression left = Comparison();
        while (_tokens.Take("&&"))
        {
            left = Node(ExpressionKind.And, left, Comparison());
        }

        return left;
    }

    private Expression Comparison()
    {
        Expression left = Else();
        if (_tokens.Take("=="))
        {
            return Node(ExpressionKind.Equal, left, Else());
        }

        if (_tokens.Take("!="))
        {
            return Node(ExpressionKind.NotEqual, left, Else());
        }

        if (_tokens.Take("<"))
        {
            return Node(ExpressionKind.Less, left, Else());
        }

        if (_tokens.Take(">"))
        {
            return Node(ExpressionKind.Greater, left, Else());
        }

        return _tokens.Take("in") ? List(left) : left;
    }

    private Expression Else()
    {
        // Right-associative, so that the first of a chain that is there decides.
        Expression left = Sum();
        if (!_tokens.Take("??") && !_tokens.Take("|"))
        {
            return left;
        }

        Enter();
        Expression right = Else();
        _depth--;
        return Node(ExpressionKind.Else, left, right);
    }

    private Expression Sum()
    {
        Expression left = Product();
        while (true)
        {
            if (_tokens.Take("+"))
            {
                left = Node(ExpressionKind.Add, left, Product());
            }
            else if (_tokens.Take("-"))
            {
                left = Node(ExpressionKind.Subtract, left, Product());
            }
            else
            {
                return left;
            }
        }
    }

    private Expression Product()
    {
        Expression left = Unary();
        while (true)
        {
            if (_tokens.Take("*"))
            {
                left = Node(ExpressionKind.Multiply, left, Unary());
            }
            else if (_tokens.Take("//"))
            {
                left = Node(ExpressionKind.FloorDivide, left, Unary());
            }
            else if (_tokens.Take("/"))
            {
                left = Node(ExpressionKind.Divide, left, Unary());
            }
            else
            {
                return left;
            }
        }
    }

    private Expression Unary()
    {
        Enter();
        Expression result = _tokens.Take("!") ? Node(ExpressionKind.Not, Unary()) : Primary();
        _depth--;
        return result;
    }

    private Expression Primary()
    {
        if (_tokens.Take("("))
        {
            Expression inner = Or();
            return _tokens.Take(")") ? inner : throw Expected("')'");
        }

        ReadOnlySpan<char> token = _tokens.Current;
        if (token.Length == 0 || (!char.IsAsciiLetterOrDigit(token[0]) && token[0] is not ('_' or '"' or '\'')) || token is "in")
        {
            throw Expected("a value");
        }

        Expression value = token switch
        {
            "true" => Expression.Boolean(true),
            "false" => Expression.Boolean(false),
            "null" => Expression.Null(),
            _ when char.IsAsciiDigit(token[0]) => Number(token),
            _ when token[0] is '"' or '\'' => Expression.Literal(token[1..^1].ToString()),
            _ => Expression.Reference(token.ToString()),
        };
        _tokens.Advance();
        return Count(value);
    }

    private Expression List(Expression left)
    {
        if (!_tokens.Take("["))
        {
            throw Expected("'['");
        }

        List<Expression> operands = [left];
        do
        {
            // In a list a bare word is text, so that model types need no quotes.
            Expression item = Primary();
            operands.Add(item.Kind is ExpressionKind.Key or ExpressionKind.Symbol ? Expression.Literal(item.Name)
                : item.Kind is ExpressionKind.Text or ExpressionKind.Integer ? item
                : throw new ExpressionSyntaxException($"a list holds words and whole numbers, not '{item}'"));
        }
        while (_tokens.Take(","));
        return _tokens.Take("]") ? Count(Expression.Of(ExpressionKind.In, operands)) : throw Expected("']'");
    }

    private static Expression Number(ReadOnlySpan<char> token) =>
        long.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value <= int.MaxValue
            ? Expression.Integer(value)
            : throw new ExpressionSyntaxException($"'{NameText.Plain(token.ToString())}' is no whole number up to {int.MaxValue}");

    private Expression Node(ExpressionKind kind, params IReadOnlyList<Expression> operands) => Count(Expression.Of(kind, operands));

    private Expression Count(Expression expression) => ++_nodes <= MaxNodes
        ? expression
        : throw new ExpressionSyntaxException($"an expression has at most {MaxNodes} parts");

    private void Enter()
    {
        if (++_depth > MaxDepth)
        {
            throw new ExpressionSyntaxException($"an expression is nested at most {MaxDepth} deep");
        }
    }

    private readonly ExpressionSyntaxException Expected(string what) => new(
        _tokens.IsAtEnd
            ? $"the text ends where {what} should be"
            : $"{what} should be where {NameText.Quote(_tokens.Current.ToString())} is, at character {_tokens.Position}");
}
