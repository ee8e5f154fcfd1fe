namespace Importer.Mapping.Language;

/// <summary>The words, numbers, strings and signs of an expression, one after the other.</summary>
internal struct ExpressionTokens
{
    // Longer signs before those that they begin with.
    private static readonly string[] Signs =
        ["==", "!=", "&&", "||", "??", "<=", ">=", "<", ">", "|", "!", "+", "-", "*", "//", "/", "(", ")", "[", "]", ","];

    private readonly string _text;
    private int _start;
    private int _end;

    /// <exception cref="ExpressionSyntaxException">The text begins with what is no part of the language.</exception>
    internal ExpressionTokens(string text)
    {
        _text = text;
        Advance();
    }

    internal readonly ReadOnlySpan<char> Current => _text.AsSpan(_start, _end - _start);

    internal readonly bool IsAtEnd => _start == _text.Length;

    /// <summary>The place of the current one, from 1.</summary>
    internal readonly int Position => _start + 1;

    /// <summary>Goes on if the current one is this.</summary>
    /// <exception cref="ExpressionSyntaxException">What follows is no part of the language.</exception>
    internal bool Take(ReadOnlySpan<char> token)
    {
        if (!Current.SequenceEqual(token))
        {
            return false;
        }

        Advance();
        return true;
    }

    /// <exception cref="ExpressionSyntaxException">What follows is no part of the language.</exception>
    internal void Advance()
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

            if (Current.Contains("..", StringComparison.Ordinal) || Current[^1] == '.')
            {
                throw new ExpressionSyntaxException($"'{NameText.Plain(Current.ToString())}' is no name");
            }

            return;
        }

        if (first is '"' or '\'')
        {
            int close = _text.IndexOf(first, _start + 1);
            _end = close < 0 ? throw new ExpressionSyntaxException($"the string at character {_start + 1} has no end") : close + 1;
            return;
        }

        foreach (string candidate in Signs)
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
