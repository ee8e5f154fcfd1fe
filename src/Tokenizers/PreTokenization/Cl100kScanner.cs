namespace PretrainedTokenizers;

/// <summary>
/// The pattern of OpenAI's cl100k_base and Llama 3, which Qwen2 has with single numbers:
/// <c>(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+</c>.
/// </summary>
internal sealed class Cl100kScanner(int maxDigits) : PieceScanner
{
    private const byte Known = CharClass.Letter | CharClass.Number | CharClass.Space;

    // Oniguruma folds U+017F, the long s, to s where it ignores case.
    private const char LongS = '\u017F';

    public override int Next(ReadOnlySpan<char> text, int start)
    {
        char c = text[start];
        if (c == '\'' && Contraction(text[(start + 1)..]) is > 0 and var suffix)
        {
            return start + 1 + suffix;
        }

        byte kind = (byte)(CharClass.At(text, start, out int length) & Known);
        int next = start + length;
        switch (kind)
        {
            case CharClass.Letter:
                return CharClass.RunEnd(text, next, CharClass.Letter);
            case CharClass.Number:
                return Digits(text, next);
        }

        byte following = 0;
        int followingLength = 0;
        if (next < text.Length)
        {
            following = (byte)(CharClass.At(text, next, out followingLength) & Known);
            if (following == CharClass.Letter && c is not ('\r' or '\n'))
            {
                return CharClass.RunEnd(text, next + followingLength, CharClass.Letter);
            }
        }

        if (kind == 0)
        {
            return Others(text, next);
        }

        return c == ' ' && next < text.Length && following == 0 ? Others(text, next + followingLength) : Spaces(text, start);
    }

    private static int Others(ReadOnlySpan<char> text, int at)
    {
        at = CharClass.RunEndExcept(text, at, Known);
        while (at < text.Length && text[at] is ('\r' or '\n'))
        {
            at++;
        }

        return at;
    }

    // \s*[\r\n]+ reaches to the last line break of the run; without one, the run counts as everywhere.
    private static int Spaces(ReadOnlySpan<char> text, int start)
    {
        int end = CharClass.RunEnd(text, start + 1, CharClass.Space);
        int lastBreak = text[start..end].LastIndexOfAny('\r', '\n');
        if (lastBreak >= 0)
        {
            return start + lastBreak + 1;
        }

        return end < text.Length && end - start > 1 ? end - 1 : end;
    }

    private int Digits(ReadOnlySpan<char> text, int at)
    {
        for (int count = 1; count < maxDigits && at < text.Length; count++)
        {
            if ((CharClass.At(text, at, out int length) & CharClass.Number) == 0)
            {
                break;
            }

            at += length;
        }

        return at;
    }

    private static int Contraction(ReadOnlySpan<char> rest) => rest switch
    {
        ['s' or 'S' or LongS or 't' or 'T' or 'm' or 'M' or 'd' or 'D', ..] => 1,
        ['r' or 'R' or 'v' or 'V', 'e' or 'E', ..] => 2,
        ['l' or 'L', 'l' or 'L', ..] => 2,
        _ => 0,
    };
}
