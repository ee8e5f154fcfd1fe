using System.Buffers;

namespace PretrainedTokenizers;

/// <summary>
/// Finds added tokens in a text: from left to right, the longest at each place, as Hugging Face's tokenizers do. Immutable.
/// </summary>
internal sealed class AddedTokenMatcher
{
    private readonly SearchValues<char> _firsts;
    private readonly Dictionary<long, int> _edges = [];
    private readonly List<AddedToken?> _tokens = [null];

    /// <param name="tokens">The tokens, with the text that is looked for (which differs from their own where a normalizer changes
    /// it).</param>
    public AddedTokenMatcher(IEnumerable<(string Text, AddedToken Token)> tokens)
    {
        HashSet<char> firsts = [];
        foreach (var (text, token) in tokens)
        {
            if (text.Length == 0)
            {
                continue;
            }

            firsts.Add(text[0]);
            int node = 0;
            foreach (char c in text)
            {
                if (!_edges.TryGetValue(Edge(node, c), out int next))
                {
                    next = _tokens.Count;
                    _tokens.Add(null);
                    _edges.Add(Edge(node, c), next);
                }

                node = next;
            }

            _tokens[node] = token;
        }

        _firsts = SearchValues.Create([.. firsts]);
        IsEmpty = firsts.Count == 0;
    }

    public bool IsEmpty { get; }

    /// <summary>Finds the next token from an index on.</summary>
    /// <param name="text">The text.</param>
    /// <param name="from">Where the search begins, behind the match before.</param>
    /// <param name="sectionStart">The end of the token before, white space that belongs to it included.</param>
    /// <param name="specialAsText">Whether special tokens are passed over.</param>
    /// <param name="match">What was found.</param>
    /// <returns>Whether one was found.</returns>
    public bool TryFind(ReadOnlySpan<char> text, int from, int sectionStart, bool specialAsText, out AddedTokenMatch match)
    {
        while (from < text.Length)
        {
            int offset = text[from..].IndexOfAny(_firsts);
            if (offset < 0)
            {
                break;
            }

            int start = from + offset;
            AddedToken? token = Longest(text[start..], out int length);
            int end = start + length;
            if (token is null)
            {
                from = start + 1;
                continue;
            }

            if ((specialAsText && token.Special) || (token.SingleWord && !StandsAlone(text, start, end)))
            {
                from = end;
                continue;
            }

            match = new AddedTokenMatch(
                token,
                token.LStrip ? SpacesBefore(text, start, sectionStart) : start,
                token.RStrip ? SpacesAfter(text, end, sectionStart) : end,
                end);
            return true;
        }

        match = default;
        return false;
    }

    private static long Edge(int node, char c) => (long)node << 16 | c;

    private static bool StandsAlone(ReadOnlySpan<char> text, int start, int end) =>
        (start == 0 || (CharClass.Before(text, start) & CharClass.Word) == 0)
        && (end == text.Length || (CharClass.At(text, end, out _) & CharClass.Word) == 0);

    private static int SpacesBefore(ReadOnlySpan<char> text, int index, int sectionStart)
    {
        while (index > sectionStart && (CharClass.OfUnit(text[index - 1]) & CharClass.Space) != 0)
        {
            index--;
        }

        return index;
    }

    // Within what the token before has stripped, the run is known; looking again would take quadratic time on tokens of white space.
    private static int SpacesAfter(ReadOnlySpan<char> text, int index, int sectionStart) =>
        index < sectionStart ? sectionStart : CharClass.RunEnd(text, index, CharClass.Space);

    private AddedToken? Longest(ReadOnlySpan<char> text, out int length)
    {
        AddedToken? longest = null;
        length = 0;
        int node = 0;
        for (int i = 0; i < text.Length && _edges.TryGetValue(Edge(node, text[i]), out node); i++)
        {
            if (_tokens[node] is { } token)
            {
                longest = token;
                length = i + 1;
            }
        }

        return longest;
    }
}
