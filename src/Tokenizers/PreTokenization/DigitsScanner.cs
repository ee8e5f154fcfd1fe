namespace PretrainedTokenizers;

/// <summary>Hugging Face's <c>Digits</c>: numbers are cut from everything else, each by itself or in runs.</summary>
internal sealed class DigitsScanner(bool individual) : PieceScanner
{
    public override bool CutsWords => false;

    public override int Next(ReadOnlySpan<char> text, int start)
    {
        if ((CharClass.At(text, start, out int length) & CharClass.Number) == 0)
        {
            return CharClass.RunEndExcept(text, start + length, CharClass.Number);
        }

        return individual ? start + length : CharClass.RunEnd(text, start + length, CharClass.Number);
    }
}
