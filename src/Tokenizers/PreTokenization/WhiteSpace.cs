namespace PretrainedTokenizers;

/// <summary>The end of the patterns, <c>\s+(?!\S)|\s+</c>.</summary>
internal static class WhiteSpace
{
    /// <summary>
    /// The end of a piece of white space: the whole run, but without its last character where text follows and more than one is there.
    /// </summary>
    public static int End(ReadOnlySpan<char> text, int start)
    {
        int end = CharClass.RunEnd(text, start + 1, CharClass.Space);
        return end < text.Length && end - start > 1 ? end - 1 : end;
    }
}
