namespace PretrainedTokenizers;

/// <summary>
/// One of the patterns by which texts are cut into words, written out: no engine, no backtracking, each character looked at a bounded
/// number of times. A match depends on nothing before its start.
/// </summary>
internal abstract class PieceScanner
{
    /// <summary>
    /// Whether, whatever the text before and after, one piece ends and another begins at every change from a letter to something else,
    /// from a number to something else, and from anything but white space to U+0020. <see cref="StreamBoundary"/> relies on it.
    /// </summary>
    public virtual bool CutsWords => true;

    /// <summary>The end of the piece that begins at <paramref name="start"/>, which is within the text; always larger.</summary>
    public abstract int Next(ReadOnlySpan<char> text, int start);
}
