using System.Globalization;

namespace Importer.Mapping.Language;

/// <summary>
/// Parses expressions over the configuration. From weak to strong: <c>||</c>, <c>&amp;&amp;</c>, one comparison
/// (<c>== != &lt; &gt; in</c>), <c>??</c> (or <c>|</c>), <c>+ -</c>, <c>* /</c>, <c>!</c>.
/// </summary>
internal ref struct ExpressionParser
{
    private const int MaxLength = 1000;
    private const int MaxDepth = 32;
    private const int MaxNodes = 200;

    private static readonly string[] Operators =
        ["==", "!=", "&&", "||", "??", "<=", ">=", "<", ">", "|", "!", "+", "-", "*", "/", "(", ")", "[", "]", ","];

    private readonly string _text;
    private int _start;
    private int _end;
    private int _depth;
    private int _nodes;

    private ExpressionParser(string text)
    {
        _text = text;
        Advance();
    }

    private readonly ReadOnlySpan<char> Token => _text.AsSpan(_start, _end - _start);

    /// <exception cref="ExpressionSyntaxException">The text is not an expression.</exception>
    internal static Expression Parse(string text) => Parse(text, (ref ExpressionParser parser) => parser.Or());

    /// <summary>Parses a dimension: whole numbers and symbols with <c>+ - * / ( )</c>.</summary>
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
                or ExpressionKind.Multiply or ExpressionKind.Divide))
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
        return parser.Token.Length == 0
            ? expression
            : throw new ExpressionSyntaxException($"unexpected {NameText.Quote(parser.Token.ToString())} at character {parser._start + 1}");
    }

    private Expression Or()
    {
        Expression left = And();
        while (Take("||"))
        {
            left = Node(ExpressionKind.Or, left, And());
        }

        return left;
    }

    private Expression And()
    {
        Expression left = Comparison();
        while (Take("&&"))
        {
            left = Node(ExpressionKind.And, left, Comparison());
        }

        return left;
    }

    private Expression Comparison()
    {
        Expression left = Else();
        if (Take("=="))
        {
            return Node(ExpressionKind.Equal, left, Else());
        }

        if (Take("!="))
        {
            return Node(ExpressionKind.NotEqual, left, Else());
        }

        if (Take("<"))
        {
            return Node(ExpressionKind.Less, left, Else());
        }

        if (Take(">"))
        {
            return Node(ExpressionKind.Greater, left, Else());
        }

        return Take("in") ? List(left) : left;
    }

    private Expression Else()
    {
        // Right-associative, so that the first of a chain that is there decides.
        Expression left = Sum();
        if (!Take("??") && !Take("|"))
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
            if (Take("+"))
            {
                left = Node(ExpressionKind.Add, left, Product());
            }
            else if (Take("-"))
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
            if (Take("*"))
            {
                left = Node(ExpressionKind.Multiply, left, Unary());
            }
            else if (Take("/"))
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
        Expression result = Take("!") ? Node(ExpressionKind.Not, Unary()) : Primary();
        _depth--;
        return result;
    }

    private Expression Primary()
    {
        if (Take("("))
        {
            Expression inner = Or();
            return Take(")") ? inner : throw Expected("')'");
        }

        ReadOnlySpan<char> token = Token;
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
        Advance();
        return Count(value);
    }

    private Expression List(Expression left)
    {
        if (!Take("["))
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
        while (Take(","));
        return Take("]") ? Count(Expression.Of(ExpressionKind.In, operands)) : throw Expected("']'");
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
        Token.Length == 0
            ? $"the text ends where {what} should be"
            : $"{what} should be where {NameText.Quote(Token.ToString())} is, at character {_start + 1}");

    private bool Take(ReadOnlySpan<char> token)
    {
        if (!Token.SequenceEqual(token))
        {
            return false;
        }

        Advance();
        return true;
    }

    private void Advance()
    {
        _start = _end;
        while (_start < _text.Length && _text[_start] == ' ')
        {
            _start++;
        }

        _end = _start;
        if (_start == _text.Length)
        {
            return;
        }

        char first = _text[_start];
        if (char.IsAsciiLetterOrDigit(first) || first == '_')
        {
            // A dot joins the keys of nested objects; a number has none.
            while (_end < _text.Length && (char.IsAsciiLetterOrDigit(_text[_end]) || _text[_end] is '_' or '.'))
            {
                _end++;
            }

            if (Token.Contains("..", StringComparison.Ordinal) || Token[^1] == '.')
            {
                throw new ExpressionSyntaxException($"'{NameText.Plain(Token.ToString())}' is no name");
            }

            return;
        }

        if (first is '"' or '\'')
        {
            int close = _text.IndexOf(first, _start + 1);
            _end = close < 0 ? throw new ExpressionSyntaxException($"the string at character {_start + 1} has no end") : close + 1;
            return;
        }

        foreach (string candidate in Operators)
        {
            if (_text.AsSpan(_start).StartsWith(candidate))
            {
                _end = _start + candidate.Length;
                if (candidate is "<=" or ">=")
                {
                    throw new ExpressionSyntaxException($"'{candidate}' is not in the language; it has == != < > in");
                }

                return;
            }
        }

        throw new ExpressionSyntaxException($"{NameText.Quote(first.ToString())} at character {_start + 1} is not part of the language");
    }
}
