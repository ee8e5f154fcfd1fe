using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;

namespace PretrainedTokenizers;

/// <summary>
/// Between text and a model's token ids. Immutable and safe for any number of threads. Half of a surrogate pair in a text counts as U+FFFD.
/// </summary>
public abstract class Tokenizer
{
    private protected Tokenizer()
    {
    }

    /// <summary>
    /// The number of rows that an embedding of all ids needs: the largest id plus one. Published models often have more rows, for
    /// alignment.
    /// </summary>
    public abstract int VocabularySize { get; }

    /// <summary>The id of the token that begins a text; null where there is none.</summary>
    public int? BosId { get; private protected init; }

    /// <summary>The id of the token that ends a text; null where there is none.</summary>
    public int? EosId { get; private protected init; }

    /// <summary>The id of the token that fills rows of different lengths; null where there is none.</summary>
    public int? PadId { get; private protected init; }

    /// <summary>
    /// The id of the token for what the vocabulary lacks; null where there is none. A byte-level vocabulary lacks nothing.
    /// </summary>
    public int? UnknownId { get; private protected init; }

    /// <summary>The longest text that the model takes, in tokens; null where no file says one.</summary>
    public int? ModelMaxLength { get; private protected init; }

    /// <summary>The tokens that are recognised in a text as a whole, in order of their ids.</summary>
    public IReadOnlyList<AddedToken> AddedTokens { get; private protected init; } = [];

    /// <summary>The model's chat template (Jinja), as it is; null where there is none.</summary>
    public string? ChatTemplate => ChatTemplates.GetValueOrDefault(TokenizerConfig.DefaultTemplate);

    /// <summary>All chat templates by name; the usual one is named <c>default</c>.</summary>
    public IReadOnlyDictionary<string, string> ChatTemplates { get; private protected init; } = new Dictionary<string, string>();

    /// <summary>
    /// Loads the tokenizer that is in a directory: tokenizer.json, or vocab.json with merges.txt, or nanoGPT's meta.pkl, or its JSON form
    /// meta.json; the first of these that is there.
    /// </summary>
    /// <param name="directory">A model's directory as transformers writes it, or a data directory of nanoGPT.</param>
    /// <param name="options">How to load; null for the defaults.</param>
    /// <exception cref="TokenizerNotFoundException">None of the files is there.</exception>
    /// <exception cref="TokenizerException">A file is broken, too large, or asks for something that is not supported.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static Tokenizer FromDirectory(string directory, TokenizerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(directory);
        bool isBpe = File.Exists(Path.Combine(directory, BpeLoader.TokenizerName))
            || File.Exists(Path.Combine(directory, BpeLoader.VocabularyName));
        return !isBpe && CharTokenizer.FindMeta(directory) is { } meta
            ? CharTokenizer.FromMeta(meta, options)
            : BpeTokenizer.FromDirectory(directory, options);
    }

    /// <summary>Encodes a text.</summary>
    /// <param name="text">The text, of any length.</param>
    /// <param name="options">How; null for <see cref="EncodeOptions.Default"/>.</param>
    /// <exception cref="TokenizerTextException">A character is not in the vocabulary of a <see cref="CharTokenizer"/>.</exception>
    public int[] Encode(ReadOnlySpan<char> text, EncodeOptions? options = null)
    {
        using PooledIds ids = new(text.Length / 2);
        Encode(text, ids, options);
        return ids.Written.ToArray();
    }

    /// <summary>Encodes a text, writing the ids where the caller wants them. On an exception nothing or a beginning is written.</summary>
    /// <inheritdoc cref="Encode(ReadOnlySpan{char}, EncodeOptions)"/>
    /// <param name="text">The text, of any length.</param>
    /// <param name="output">Takes the ids.</param>
    /// <param name="options">How; null for <see cref="EncodeOptions.Default"/>.</param>
    public void Encode(ReadOnlySpan<char> text, IBufferWriter<int> output, EncodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(output);
        IdWriter writer = new(output);
        EncodePart(text, options ?? EncodeOptions.Default, TextPart.Whole, ref writer);
        writer.Flush();
    }

    /// <summary>Encodes a text, adding the ids to a list.</summary>
    /// <inheritdoc cref="Encode(ReadOnlySpan{char}, IBufferWriter{int}, EncodeOptions)"/>
    /// <param name="text">The text, of any length.</param>
    /// <param name="output">Takes the ids; unchanged where an exception is thrown.</param>
    /// <param name="options">How; null for <see cref="EncodeOptions.Default"/>.</param>
    public void Encode(ReadOnlySpan<char> text, List<int> output, EncodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(output);
        using PooledIds ids = new(text.Length / 2);
        Encode(text, ids, options);
        output.AddRange(ids.Written);
    }

    /// <summary>How many ids a text is encoded to, without keeping them.</summary>
    /// <inheritdoc cref="Encode(ReadOnlySpan{char}, EncodeOptions)"/>
    public int Count(ReadOnlySpan<char> text, EncodeOptions? options = null)
    {
        IdWriter writer = new(output: null);
        EncodePart(text, options ?? EncodeOptions.Default, TextPart.Whole, ref writer);
        return checked((int)writer.Count);
    }

    /// <summary>
    /// Encodes a text of any length from a reader, in bounded memory, to exactly the ids that the whole text has: it is cut only where no
    /// id depends on what is on the other side.
    /// </summary>
    /// <param name="reader">The text. It is read to its end and not disposed.</param>
    /// <param name="options">How; null for <see cref="EncodeOptions.Default"/>.</param>
    /// <returns>The ids in blocks; a block's memory is used again for the next.</returns>
    /// <exception cref="TokenizerLimitException">A word is longer than <see cref="TokenizerLimits.MaxStreamBuffer"/>.</exception>
    /// <exception cref="TokenizerTextException">A character is not in the vocabulary of a <see cref="CharTokenizer"/>.</exception>
    public IEnumerable<TokenBlock> EncodeBlocks(TextReader reader, EncodeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return Blocks(reader, options ?? EncodeOptions.Default);
    }

    /// <inheritdoc cref="EncodeBlocks"/>
    /// <param name="reader">The text. It is read to its end and not disposed.</param>
    /// <param name="options">How; null for <see cref="EncodeOptions.Default"/>.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public IAsyncEnumerable<TokenBlock> EncodeBlocksAsync(
        TextReader reader, EncodeOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return BlocksAsync(reader, options ?? EncodeOptions.Default, cancellationToken);
    }

    /// <summary>
    /// The text of ids. Bytes that are not UTF-8 become U+FFFD, one for each maximal part, as in transformers; an id without a token is
    /// nothing.
    /// </summary>
    /// <param name="ids">The ids.</param>
    /// <param name="skipSpecialTokens">Whether special tokens are left out. Default: false.</param>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = false)
    {
        ArrayBufferWriter<byte> bytes = new(Math.Max(ids.Length * 4, 16));
        foreach (int id in ids)
        {
            if (!(skipSpecialTokens && IsSpecial(id)))
            {
                bytes.Write(GetTokenBytes(id));
            }
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <summary>A decoder that is given ids one by one and returns text as soon as it is certain.</summary>
    /// <param name="skipSpecialTokens">Whether special tokens are left out. Default: false.</param>
    public StreamingDecoder CreateDecoder(bool skipSpecialTokens = false) => new(this, skipSpecialTokens);

    /// <summary>The bytes of UTF-8 that an id contributes to a text, maybe part of a character; empty for an id without a token.</summary>
    public abstract ReadOnlySpan<byte> GetTokenBytes(int id);

    /// <summary>A token as the vocabulary writes it (<c>Ġthe</c> for a byte-level <c> the</c>); null for an id without a token.</summary>
    public abstract string? GetToken(int id);

    /// <summary>The id of a token as the vocabulary writes it; null where there is none.</summary>
    public abstract int? GetId(string token);

    /// <summary>Whether an id is a special token's.</summary>
    public abstract bool IsSpecial(int id);

    /// <summary>Encodes a part of a text that was cut at boundaries where that changes nothing.</summary>
    internal abstract void EncodePart(ReadOnlySpan<char> text, EncodeOptions options, TextPart part, ref IdWriter output);

    /// <summary>
    /// The last index at or below which a text may be cut, above a floor; -1 where there is none. The index is not the text's end.
    /// </summary>
    internal abstract int LastBoundary(ReadOnlySpan<char> text, int floor, EncodeOptions options);

    /// <summary>What a stream may ask for.</summary>
    internal abstract TokenizerLimits Limits { get; }

    // The encoder is made when the enumeration begins, so that two enumerations do not share one.
    private IEnumerable<TokenBlock> Blocks(TextReader reader, EncodeOptions options)
    {
        foreach (TokenBlock block in new StreamEncoder(this, options).Encode(reader))
        {
            yield return block;
        }
    }

    private async IAsyncEnumerable<TokenBlock> BlocksAsync(
        TextReader reader, EncodeOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (TokenBlock block in new StreamEncoder(this, options).EncodeAsync(reader, cancellationToken).ConfigureAwait(false))
        {
            yield return block;
        }
    }
}
