using System.Text;
using SharedSource.IO;

namespace PretrainedTokenizers;

/// <summary>
/// One id for each character (Unicode code point) of a training text, as nanoGPT's character-level data sets have it, with their
/// <c>meta.pkl</c>. There are no special tokens.
/// </summary>
public sealed class CharTokenizer : Tokenizer
{
    private const int NoId = -1;

    private static readonly string[] MetaNames = ["meta.pkl", "meta.json"];

    private readonly Rune[] _characters;
    private readonly int[] _ids;
    private readonly Dictionary<int, int> _otherIds = [];
    private readonly byte[] _bytes;
    private readonly int[] _starts;

    private CharTokenizer(Rune[] characters, TokenizerLimits limits)
    {
        _characters = characters;
        Limits = limits;
        _ids = new int[characters.Where(rune => rune.IsBmp).Select(rune => rune.Value + 1).DefaultIfEmpty(0).Max()];
        Array.Fill(_ids, NoId);
        _bytes = new byte[characters.Sum(rune => rune.Utf8SequenceLength)];
        _starts = new int[characters.Length + 1];
        for (int id = 0; id < characters.Length; id++)
        {
            Rune rune = characters[id];
            if (rune.IsBmp)
            {
                _ids[rune.Value] = id;
            }
            else
            {
                _otherIds[rune.Value] = id;
            }

            _starts[id + 1] = _starts[id] + rune.EncodeToUtf8(_bytes.AsSpan(_starts[id]));
        }
    }

    /// <summary>The characters, in order of their ids.</summary>
    public IReadOnlyList<Rune> Characters => _characters;

    /// <inheritdoc/>
    public override int VocabularySize => _characters.Length;

    /// <inheritdoc/>
    internal override TokenizerLimits Limits { get; }

    /// <summary>Loads a vocabulary from nanoGPT's <c>meta.pkl</c> (which is read as data: nothing in it is run) or its JSON form.</summary>
    /// <param name="path">The file: a pickle of a dict with <c>stoi</c>, <c>itos</c> and <c>vocab_size</c>, or a JSON object with
    /// them.</param>
    /// <param name="options">How to load; null for the defaults.</param>
    /// <exception cref="TokenizerFormatException">The file is something else, or contradicts itself.</exception>
    /// <exception cref="TokenizerLimitException">The file exceeds a limit.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static CharTokenizer FromMeta(string path, TokenizerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        TokenizerLimits limits = (options ?? TokenizerOptions.Default).Validated().Limits;
        byte[] bytes = FileBytes.Read(path, limits);
        CharMeta meta = MetaPickleReader.IsPickle(bytes)
            ? MetaPickleReader.Read(bytes, path)
            : MetaJson.Read(FileBytes.ReadText(path, limits), path);
        return new CharTokenizer(meta.ToCharacters(path, limits), limits);
    }

    /// <summary>Makes a vocabulary of the characters of a text, in order of their code points, as nanoGPT's prepare.py does.</summary>
    public static CharTokenizer FromText(ReadOnlySpan<char> text)
    {
        SortedSet<Rune> seen = [];
        foreach (Rune rune in text.EnumerateRunes())
        {
            seen.Add(rune);
        }

        return new CharTokenizer([.. seen], TokenizerLimits.Default);
    }

    /// <inheritdoc cref="FromText(ReadOnlySpan{char})"/>
    /// <param name="reader">The text. It is read to its end, in bounded memory, and not disposed.</param>
    public static CharTokenizer FromText(TextReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        bool[] seen = new bool[0x110000];
        char[] buffer = new char[1 << 15];
        int kept = 0;
        while (reader.Read(buffer, kept, buffer.Length - kept) is > 0 and var read)
        {
            int count = kept + read;

            // The first half of a pair waits for the second.
            kept = char.IsHighSurrogate(buffer[count - 1]) ? 1 : 0;
            Mark(buffer.AsSpan(0, count - kept), seen);
            buffer[0] = buffer[count - 1];
        }

        Mark(buffer.AsSpan(0, kept), seen);
        Rune[] characters = [.. Enumerable.Range(0, seen.Length).Where(c => seen[c]).Select(c => new Rune(c))];
        return new CharTokenizer(characters, TokenizerLimits.Default);
    }

    /// <summary>
    /// Saves the vocabulary, whole or not at all, so that <see cref="FromMeta"/> and, in case of <c>.pkl</c>, nanoGPT read it.
    /// </summary>
    /// <param name="path">A name that ends with <c>.pkl</c> or <c>.json</c>; a file of that name is replaced.</param>
    /// <exception cref="ArgumentException">The name ends with something else.</exception>
    /// <exception cref="IOException">The file cannot be written; one that was there is as it was.</exception>
    public void Save(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        byte[] content = Path.GetExtension(path) switch
        {
            ".pkl" => MetaPickleWriter.Write(_characters),
            ".json" => MetaJson.Write(_characters),
            _ => throw new ArgumentException("The name must end with .pkl or .json.", nameof(path)),
        };
        AtomicFile.Write(path, content);
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> GetTokenBytes(int id) =>
        (uint)id < (uint)_characters.Length ? _bytes.AsSpan(_starts[id].._starts[id + 1]) : default;

    /// <inheritdoc/>
    public override string? GetToken(int id) => (uint)id < (uint)_characters.Length ? _characters[id].ToString() : null;

    /// <inheritdoc/>
    public override int? GetId(string token)
    {
        ArgumentNullException.ThrowIfNull(token);
        return Rune.TryGetRuneAt(token.Length == 0 ? "\0" : token, 0, out Rune rune) && rune.Utf16SequenceLength == token.Length
            && Find(rune) is >= 0 and var id
            ? id
            : null;
    }

    /// <inheritdoc/>
    public override bool IsSpecial(int id) => false;

    internal static string? FindMeta(string directory) =>
        MetaNames.Select(name => Path.Combine(directory, name)).FirstOrDefault(File.Exists);

    internal override int LastBoundary(ReadOnlySpan<char> text, int floor, EncodeOptions options)
    {
        int at = text.Length - 1;
        if (at > 0 && char.IsSurrogatePair(text[at - 1], text[at]))
        {
            at--;
        }

        return at > floor ? at : -1;
    }

    internal override void EncodePart(ReadOnlySpan<char> text, EncodeOptions options, TextPart part, ref IdWriter output)
    {
        int at = 0;
        while (at < text.Length)
        {
            char c = text[at];
            int id = c < _ids.Length && !char.IsSurrogate(c) ? _ids[c] : NoId;
            int length = 1;
            if (id == NoId)
            {
                _ = Rune.DecodeFromUtf16(text[at..], out Rune rune, out length);
                id = Find(rune);
            }

            if (id == NoId)
            {
                throw new TokenizerTextException(Missing(text[at..]), at);
            }

            output.Add(id);
            at += length;
        }
    }

    private static void Mark(ReadOnlySpan<char> text, bool[] seen)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            seen[rune.Value] = true;
        }
    }

    private int Find(Rune rune) => rune.IsBmp
        ? rune.Value < _ids.Length ? _ids[rune.Value] : NoId
        : _otherIds.GetValueOrDefault(rune.Value, NoId);

    private Rune[] Missing(ReadOnlySpan<char> text)
    {
        SortedSet<Rune> missing = [];
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (Find(rune) == NoId)
            {
                missing.Add(rune);
            }
        }

        return [.. missing];
    }
}
