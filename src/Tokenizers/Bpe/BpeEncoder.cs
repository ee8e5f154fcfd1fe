using System.Text;
using System.Text.Unicode;
using SharedSource.Text;
using static System.FormattableString;

namespace PretrainedTokenizers;

/// <summary>
/// From text to ids, in Hugging Face's order: tokens that are looked for in the text as given, normalization, tokens that are looked for in
/// the result, words, merges. Immutable but for its cache.
/// </summary>
internal sealed class BpeEncoder
{
    private readonly BpeModel _model;
    private readonly WordCache? _cache;
    private readonly PreTokenizerStage[] _stages;
    private readonly bool _normalizes;
    private readonly AddedTokenMatcher _rawTokens;
    private readonly AddedTokenMatcher _normalizedTokens;

    /// <exception cref="TokenizerFormatException">The vocabulary lacks bytes.</exception>
    public BpeEncoder(BpeDefinition definition, TokenizerOptions options)
    {
        _model = CreateModel(definition, options);
        _cache = options.CacheSize == 0 ? null : new WordCache(options.CacheSize);
        _stages = definition.Stages;
        _normalizes = definition.Normalizes;
        _rawTokens = new(definition.AddedTokens.Where(token => !token.Normalized).Select(token => (token.Content, token)));
        _normalizedTokens = new(
            definition.AddedTokens.Where(token => token.Normalized).Select(token => (Normalized(token.Content), token)));
    }

    /// <summary>Encodes a text, or a part of it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="handling">What becomes of added tokens.</param>
    /// <param name="isFirst">Whether it is the text's beginning, before which a space may belong.</param>
    /// <param name="output">Takes the ids.</param>
    public void Encode(ReadOnlySpan<char> text, AddedTokenHandling handling, bool isFirst, ref IdWriter output)
    {
        switch (handling)
        {
            case AddedTokenHandling.AsText:
                EncodePlain(_normalizes && CanonicalComposition.Normalize(text) is { } normalized ? normalized : text, isFirst, ref output);
                break;
            case AddedTokenHandling.Recognise or AddedTokenHandling.SpecialAsText:
                EncodeSections(text, handling == AddedTokenHandling.SpecialAsText, isFirst, ref output);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(handling), handling, "There is no such handling of added tokens.");
        }
    }

    private static BpeModel CreateModel(BpeDefinition definition, TokenizerOptions options)
    {
        int unknown = definition.UnknownToken is { } text ? definition.Find(text) : -1;
        List<string> missing = [];
        int[] byteIds = new int[256];
        for (int value = 0; value < byteIds.Length; value++)
        {
            byteIds[value] = definition.Vocabulary.Find([(byte)value]);
            if (byteIds[value] < 0)
            {
                byteIds[value] = unknown;
                if (unknown < 0 && ByteAlphabet.OccursInUtf8(value))
                {
                    missing.Add(Invariant($"0x{value:X2} ({Escape.Quote(ByteAlphabet.ToChar((byte)value).ToString())})"));
                }
            }
        }

        if (missing.Count > 0 && !options.DropUnknownBytes)
        {
            throw new TokenizerFormatException(
                ["The vocabulary has no token for these bytes: " + ProblemList.Join(missing)],
                definition.Path,
                "Fetch the file again; if its model does come so, set "
                + $"{nameof(TokenizerOptions)}.{nameof(TokenizerOptions.DropUnknownBytes)} to lose such bytes in silence, "
                + "as transformers does.");
        }

        return new BpeModel(definition.Vocabulary, definition.Merges, byteIds, unknown, definition.FuseUnknown, definition.IgnoreMerges);
    }

    private string Normalized(string text) => _normalizes ? CanonicalComposition.Normalize(text) ?? text : text;

    private void EncodeSections(ReadOnlySpan<char> text, bool specialAsText, bool isFirst, ref IdWriter output)
    {
        int sectionStart = 0;
        int from = 0;
        while (_rawTokens.TryFind(text, from, sectionStart, specialAsText, out AddedTokenMatch match))
        {
            if (sectionStart < match.Start)
            {
                EncodeNormalized(text[sectionStart..match.Start], specialAsText, isFirst || sectionStart > 0, ref output);
            }

            output.Add(match.Token.Id);
            sectionStart = match.End;
            from = match.SearchFrom;
        }

        if (sectionStart < text.Length)
        {
            EncodeNormalized(text[sectionStart..], specialAsText, isFirst || sectionStart > 0, ref output);
        }
    }

    private void EncodeNormalized(ReadOnlySpan<char> text, bool specialAsText, bool isFirst, ref IdWriter output)
    {
        if (_normalizes && CanonicalComposition.Normalize(text) is { } normalized)
        {
            text = normalized;
        }

        int sectionStart = 0;
        int from = 0;
        while (_normalizedTokens.TryFind(text, from, sectionStart, specialAsText, out AddedTokenMatch match))
        {
            EncodePlain(text[sectionStart..Math.Max(match.Start, sectionStart)], isFirst || sectionStart > 0, ref output);
            output.Add(match.Token.Id);
            sectionStart = match.End;
            from = match.SearchFrom;
        }

        EncodePlain(text[sectionStart..], isFirst || sectionStart > 0, ref output);
    }

    private void EncodePlain(ReadOnlySpan<char> text, bool isFirst, ref IdWriter output) =>
        EncodePieces(text, stage: 0, isFirst, ref output);

    private void EncodePieces(ReadOnlySpan<char> text, int stage, bool isFirst, ref IdWriter output)
    {
        if (text.IsEmpty)
        {
            return;
        }

        if (stage == _stages.Length)
        {
            EncodeWord(text, ref output);
            return;
        }

        var (scanner, prefixSpace) = _stages[stage];
        char[]? rented = null;
        if (prefixSpace && text[0] != ' ' && (isFirst || stage > 0))
        {
            rented = ScratchArray.Rent<char>(text.Length + 1);
            rented[0] = ' ';
            text.CopyTo(rented.AsSpan(1));
            text = rented.AsSpan(0, text.Length + 1);
        }

        bool isLast = stage + 1 == _stages.Length;
        int at = 0;
        while (at < text.Length)
        {
            int end = scanner is null ? text.Length : scanner.Next(text, at);
            if (isLast)
            {
                EncodeWord(text[at..end], ref output);
            }
            else
            {
                EncodePieces(text[at..end], stage + 1, isFirst, ref output);
            }

            at = end;
        }

        if (rented is not null)
        {
            ScratchArray.Return(rented);
        }
    }

    private void EncodeWord(ReadOnlySpan<char> word, ref IdWriter output)
    {
        if (word.Length > WordCache.MaxWordLength)
        {
            EncodeLongWord(word, ref output);
            return;
        }

        uint hash = WordCache.Hash(word);
        if (_cache is not null && _cache.TryGet(word, hash, out ReadOnlySpan<int> known))
        {
            output.Add(known);
            return;
        }

        Span<byte> bytes = stackalloc byte[word.Length * 3];
        Utf8.FromUtf16(word, bytes, out _, out int length);
        Span<int> ids = stackalloc int[length];
        ids = ids[.._model.Encode(bytes[..length], ids)];
        _cache?.Add(word, hash, ids);
        output.Add(ids);
    }

    private void EncodeLongWord(ReadOnlySpan<char> word, ref IdWriter output)
    {
        byte[] bytes = ScratchArray.Rent<byte>(Encoding.UTF8.GetByteCount(word));
        Utf8.FromUtf16(word, bytes, out _, out int length);
        _model.Encode(bytes.AsSpan(0, length), ref output);
        ScratchArray.Return(bytes);
    }
}
