using System.Text;

namespace PretrainedTokenizers;

/// <summary>
/// Byte-level byte-pair encoding, as GPT-2, GPT-NeoX, Llama 3, Qwen2, SmolLM and minimind use it. Every text has ids, and decoding them
/// gives it back exactly (unless the tokenizer normalizes it, or an added token takes white space with it).
/// </summary>
public sealed class BpeTokenizer : Tokenizer
{
    private readonly BpeEncoder _encoder;
    private readonly Vocabulary _vocabulary;
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
        _vocabulary = definition.Vocabulary;
        _encoder = new BpeEncoder(definition, options);
        _prefix = [.. definition.Prefix];
        _suffix = [.. definition.Suffix];
        _addedById = definition.AddedTokens.ToDictionary(token => token.Id);
        _addedByContent = definition.AddedTokens.ToDictionary(token => token.Content, StringComparer.Ordinal);
        _addedBytes = definition.AddedTokens.ToDictionary(token => token.Id, token => Encoding.UTF8.GetBytes(token.Content));
        _boundary = new StreamBoundary(definition.Stages, definition.Normalizes, definition.AddedTokens);
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
    public override int VocabularySize => _vocabulary.Size;

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
        _addedBytes.TryGetValue(id, out byte[]? bytes) ? bytes : _vocabulary.Bytes(id);

    /// <inheritdoc/>
    public override string? GetToken(int id)
    {
        if (_addedById.TryGetValue(id, out AddedToken? added))
        {
            return added.Content;
        }

        return !_vocabulary.Contains(id) ? null
            : _vocabulary.IsLiteral(id) ? Encoding.UTF8.GetString(_vocabulary.Bytes(id))
            : ByteAlphabet.Encode(_vocabulary.Bytes(id));
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

        _encoder.Encode(text, options.AddedTokens, isFirst, ref output);
        if (part.HasFlag(TextPart.Last) && options.AddSpecialTokens)
        {
            output.Add(_suffix);
        }
    }

    private int? IdOf(TokenizerConfig config, string role) =>
        config.Roles.GetValueOrDefault(role) is { } content ? GetId(content) : null;
}
