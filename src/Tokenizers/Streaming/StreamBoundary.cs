namespace PretrainedTokenizers;

/// <summary>
/// Where a text may be cut so that its two parts have, one after the other, the ids of the whole. It is decided from the characters
/// beside the place alone: see <see cref="PieceScanner"/> for the words, normalization must end before the place, and no added token may
/// reach over it, nor anything that one of them looks at.
/// </summary>
internal sealed class StreamBoundary
{
    private readonly bool _cutsWords;
    private readonly bool _normalizes;
    private readonly bool _onlyBeforeSpace;
    private readonly HashSet<int> _insideTokens = [];
    private readonly HashSet<char> _notBehind = [];
    private readonly HashSet<char> _notBehindBeforeSpace = [];
    private readonly HashSet<char> _notBefore = [];

    public StreamBoundary(PreTokenizerStage[] stages, bool normalizes, IEnumerable<AddedToken> tokens)
    {
        _cutsWords = stages.Any(stage => stage.Scanner is { CutsWords: true });
        _normalizes = normalizes;

        // A space is put before the text only at its beginning; before later pieces it is put wherever they do not begin with one.
        _onlyBeforeSpace = stages.Skip(1).Any(stage => stage.PrefixSpace);
        foreach (AddedToken token in tokens)
        {
            Add(token, token.Content);
            if (normalizes && token.Normalized && CanonicalComposition.Normalize(token.Content) is { } normalized)
            {
                Add(token, normalized);
            }
        }
    }

    /// <summary>
    /// The last boundary above a floor; -1 for none. The character behind it is needed, so it is at most the length less two.
    /// </summary>
    public int Last(ReadOnlySpan<char> text, int floor)
    {
        for (int at = _cutsWords ? text.Length - 2 : 0; at > floor; at--)
        {
            if (IsBoundary(text[at - 1], text[at], text[at + 1]))
            {
                return at;
            }
        }

        return -1;
    }

    private bool IsBoundary(char before, char after, char next)
    {
        byte kind = CharClass.OfUnit(before);
        bool cuts = after == ' '
            ? (kind & CharClass.Space) == 0
            : !_onlyBeforeSpace && (kind & (CharClass.Letter | CharClass.Number)) != 0
                && (kind & CharClass.OfUnit(after) & (CharClass.Letter | CharClass.Number)) == 0;
        return cuts
            && !char.IsSurrogate(before) && !char.IsSurrogate(after)
            && !_insideTokens.Contains(before << 16 | after)
            && !_notBehind.Contains(before) && !_notBefore.Contains(after)
            && !((CharClass.OfUnit(after) & CharClass.Space) != 0 && _notBehindBeforeSpace.Contains(before))
            && (!_normalizes || (CanonicalComposition.IsInert(before) && CanonicalComposition.IsInert(after)
                && CanonicalComposition.IsInert(next)));
    }

    private void Add(AddedToken token, string text)
    {
        for (int i = 1; i < text.Length; i++)
        {
            _insideTokens.Add(text[i - 1] << 16 | text[i]);
        }

        if (token.SingleWord)
        {
            _notBehind.Add(text[^1]);
            _notBefore.Add(text[0]);
        }

        if (token.RStrip)
        {
            _notBehindBeforeSpace.Add(text[^1]);
        }
    }
}
