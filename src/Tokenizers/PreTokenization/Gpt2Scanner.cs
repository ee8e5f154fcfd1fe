namespace PretrainedTokenizers;

/// <summary>
/// GPT-2's pattern: <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c> (openai/gpt-2, src/encoder.py).
/// </summary>
internal sealed class Gpt2Scanner : PieceScanner
{
    private const byte Known = CharClass.Letter | CharClass.Number | CharClass.Space;

    public override int Next(ReadOnlySpan<char> text, int start)
    {
        char c = text[start];
        if (c == '\'' && Contraction(text[(start + 1)..]) is > 0 and var suffix)
        {
            return start + 1 + suffix;
        }

        int first = c == ' ' && start + 1 < text.Length ? start + 1 : start;
        byte kind = (byte)(CharClass.At(text, first, out int length) & Known);
        if (kind == CharClass.Space)
        {
            return WhiteSpace.End(text, start);
        }

        return kind == 0
            ? CharClass.RunEndExcept(text, first + length, Known)
            : CharClass.RunEnd(text, first + length, kind);
    }

    private static int Contraction(ReadOnlySpan<char> rest) => rest switch
    {
        ['s' or 't' or 'm' or 'd', ..] => 1,
        ['r' or 'v', 'e', ..] => 2,
        ['l', 'l', ..] => 2,
        _ => 0,
    };
}
