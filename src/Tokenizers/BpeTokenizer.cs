using System.Buffers;
using System.Text;
using System.Text.Unicode;
using static System.FormattableString;

namespace PretrainedTokenizers;

/// <summary>
/// Byte-level byte-pair encoding, as GPT-2, GPT-NeoX, Llama 3, Qwen2, SmolLM and minimind use it. Every text has ids, and decoding them gives
/// it back exactly (unless the tokenizer normalizes it, or an added token takes white space with it).
/// </summary>
public sealed class BpeTokenizer : Tokenizer
{
    private readonly BpeModel _model;
    private readonly WordCache? _cache;
    private readonly PreTokenizerStage[] _stages;
    private readonly bool _normalizes;
    private readonly AddedTokenMatcher _rawTokens;
    private readonly AddedTokenMatcher _normalizedTokens;
    private readonly Dictionary<int, AddedToken> _addedById;
    private readonly Dictionary<string, AddedToken> _addedByContent;
    private readonly Dictionary<int, byte[]> _addedBytes;
    private readonly StreamBoundary _boundary;
    private readonly BpeDefinition _definition;
    private readonly int[] _prefix;
    private readonly int[] _suffix;

    internal BpeTokenizer(BpeDefinition definition, TokenizerConfig config, TokenizerOptions options)
    {
        _definition = definition;
        _model = CreateModel(definition, options);
        _cache = options.CacheSize == 0 ? null : new WordCache(options.CacheSize);
        _stages = definition.Stages;
        _normalizes = definition.Normalizes;
        _prefix = [.. definition.Prefix];
        _suffix = [.. definition.Suffix];
        _rawTokens = new(definition.AddedTokens.Where(token => !token.Normalized).Select(token => (token.Content, token)));
        _normalizedTokens = new(definition.AddedTokens.Where(token => token.Normalized).Select(token => (Normalized(token.Content), token)));
        _addedById = definition.AddedTokens.ToDictionary(token => token.Id);
        _addedByContent = definition.AddedTokens.ToDictionary(token => token.Content, StringComparer.Ordinal);
        _addedBytes = definition.AddedTokens.ToDictionary(token => token.Id, token => Encoding.UTF8.GetBytes(token.Content));
        _boundary = new StreamBoundary(_stages, _normalizes, definition.AddedTokens);
        Limits = options.Limits;
        AddedTokens = [.. definition.AddedTokens.OrderBy(token => token.Id)];
        ChatTemplates = config.ChatTemplates;
        ModelMaxLength = config.ModelMaxLength;
        BosId = IdOf(config, "bos_token");
        EosId = IdOf(config, "eos_token");
        PadId = IdOf(config, "pad_token");
        UnknownId = IdOf(config, "unk_token");
    }

    /// <inheritdoc/>
    public override int VocabularySize => _model.Vocabulary.Size;

    /// <inheritdoc/>
    internal override TokenizerLimits Limits { get; }

    /// <summary>
    /// Loads the tokenizer of a model's directory: tokenizer.json, else vocab.json with merges.txt; with what tokenizer_config.json,
    /// special_tokens_map.json, added_tokens.json and chat_template.jinja say, where they are there.
    /// </summary>
    /// <param name="directory">A model's directory as transformers writes it.</param>
    /// <param name="options">How to load; null for the defaults.</param>
    /// <exception cref="TokenizerNotFoundException">Neither is there.</exception>
    /// <exception cref="TokenizerFormatException">A file is broken; everything that is wrong with it is told.</exception>
    /// <exception cref="TokenizerUnsupportedException">A file asks for something else than what is read here.</exception>
    /// <exception cref="TokenizerLimitException">A file exceeds a limit.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static new BpeTokenizer FromDirectory(string directory, TokenizerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(directory);
        return BpeLoader.FromDirectory(directory, (options ?? TokenizerOptions.Default).Validated());
    }

    /// <summary>Loads a tokenizer from its vocabulary and its merges, with GPT-2's pattern.</summary>
    /// <param name="vocabularyPath">vocab.json (OpenAI's encoder.json): an object from token to id.</param>
    /// <param name="mergesPath">merges.txt (OpenAI's vocab.bpe): a pair a line.</param>
    /// <param name="options">How to load; null for the defaults.</param>
    /// <inheritdoc cref="FromDirectory"/>
    public static BpeTokenizer FromFiles(string vocabularyPath, string mergesPath, TokenizerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(vocabularyPath);
        ArgumentNullException.ThrowIfNull(mergesPath);
        return BpeLoader.FromFiles(vocabularyPath, mergesPath, (options ?? TokenizerOptions.Default).Validated());
    }

    /// <summary>Loads a tokenizer from tokenizer.json alone.</summary>
    /// <param name="json">The file's content, from the stream's position to its end. Not disposed.</param>
    /// <param name="options">How to load; null for the defaults.</param>
    /// <inheritdoc cref="FromDirectory"/>
    public static BpeTokenizer FromTokenizerJson(Stream json, TokenizerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(json);
        return BpeLoader.FromTokenizerJson(json, (options ?? TokenizerOptions.Default).Validated());
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> GetTokenBytes(int id) =>
        _addedBytes.TryGetValue(id, out byte[]? bytes) ? bytes : _model.Vocabulary.Bytes(id);

    /// <inheritdoc/>
    public override string? GetToken(int id)
    {
        if (_addedById.TryGetValue(id, out AddedToken? added))
        {
            return added.Content;
        }

        Vocabulary vocabulary = _model.Vocabulary;
        return !vocabulary.Contains(id) ? null
            : vocabulary.IsLiteral(id) ? Encoding.UTF8.GetString(vocabulary.Bytes(id))
            : ByteAlphabet.Encode(vocabulary.Bytes(id));
    }

    /// <inheritdoc/>
    public override int? GetId(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        int id = _addedByContent.TryGetValue(token, out AddedToken? added) ? added.Id : _definition.FindLearned(token);
        return id < 0 ? null : id;
    }

    /// <inheritdoc/>
    public override bool IsSpecial(int id) => _addedById.TryGetValue(id, out AddedToken? added) && added.Special;

    internal override int LastBoundary(ReadOnlySpan<char> text, int floor, EncodeOptions options) => _boundary.Last(text, floor);

    internal override void EncodePart(ReadOnlySpan<char> text, EncodeOptions options, TextPart part, ref IdWriter output)
    {
        bool isFirst = part.HasFlag(TextPart.First);
        if (isFirst && options.AddSpecialTokens)
        {
            output.Add(_prefix);
        }

        switch (options.AddedTokens)
        {
            case AddedTokenHandling.AsText:
                EncodePlain(_normalizes && CanonicalComposition.Normalize(text) is { } normalized ? normalized : text, isFirst, ref output);
                break;
            case AddedTokenHandling.Recognise or AddedTokenHandling.SpecialAsText:
                EncodeSections(text, options.AddedTokens == AddedTokenHandling.SpecialAsText, isFirst, ref output);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(options), options.AddedTokens, "There is no such handling of added tokens.");
        }

        if (part.HasFlag(TextPart.Last) && options.AddSpecialTokens)
        {
            output.Add(_suffix);
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
                $"Fetch the file again; if its model does come so, set {nameof(TokenizerOptions)}.{nameof(TokenizerOptions.DropUnknownBytes)} "
                + "to lose such bytes in silence, as transformers does.");
        }

        return new BpeModel(definition.Vocabulary, definition.Merges, byteIds, unknown, definition.FuseUnknown, definition.IgnoreMerges);
    }

    private int? IdOf(TokenizerConfig config, string role) =>
        config.Roles.GetValueOrDefault(role) is { } content ? GetId(content) : null;

    private string Normalized(string text) => _normalizes ? CanonicalComposition.Normalize(text) ?? text : text;

    // Hugging Face's order: tokens that are looked for in the text as given, normalization, tokens that are looked for in the result, words.
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

    private void EncodePlain(ReadOnlySpan<char> text, bool isFirst, ref IdWriter output) => EncodePieces(text, stage: 0, isFirst, ref output);

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
            rented = ArrayPool<char>.Shared.Rent(text.Length + 1);
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
            ArrayPool<char>.Shared.Return(rented);
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
        byte[] bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetByteCount(word));
        Utf8.FromUtf16(word, bytes, out _, out int length);
        _model.Encode(bytes.AsSpan(0, length), ref output);
        ArrayPool<byte>.Shared.Return(bytes);
    }
}
