using System.Text;
using SharedSource.Text;
using static System.FormattableString;

namespace PretrainedTokenizers;

/// <summary>What a byte-level tokenizer is made of, as its files say it.</summary>
internal sealed class BpeDefinition
{
    private readonly OrderedDictionary<string, AddedToken> _addedTokens = new(StringComparer.Ordinal);

    public required string? Path { get; init; }

    public required Vocabulary Vocabulary { get; init; }

    public required MergeTable Merges { get; init; }

    /// <summary>The steps up to the bytes' alphabet.</summary>
    public PreTokenizerStage[] Stages { get; set; } = [new(new Gpt2Scanner(), PrefixSpace: false)];

    /// <summary>Whether texts are brought into normalization form C.</summary>
    public bool Normalizes { get; set; }

    public IReadOnlyCollection<AddedToken> AddedTokens => _addedTokens.Values;

    /// <summary>The ids that a text begins with.</summary>
    public List<int> Prefix { get; } = [];

    /// <summary>The ids that a text ends with.</summary>
    public List<int> Suffix { get; } = [];

    /// <summary>The token of bytes that have none.</summary>
    public string? UnknownToken { get; init; }

    public bool FuseUnknown { get; init; }

    public bool IgnoreMerges { get; init; }

    /// <summary>The id of a token by its text, as it is written in the files; -1 for none.</summary>
    public int Find(string text) =>
        _addedTokens.TryGetValue(text, out AddedToken? added) ? added.Id : FindLearned(text);

    /// <summary>Whether there is an added token of a text.</summary>
    public bool IsAdded(string text) => _addedTokens.ContainsKey(text);

    /// <summary>The id of a token of the vocabulary proper.</summary>
    public int FindLearned(string text)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(text);
        byte[] bytes = new byte[utf8.Length];
        int length = ByteAlphabet.Decode(utf8, bytes);
        return length >= 0 ? Vocabulary.Find(bytes.AsSpan(0, length)) : Vocabulary.Find(utf8, literal: true);
    }

    /// <summary>Takes up an added token, unless it contradicts what is there.</summary>
    public void Add(AddedToken token, string where, TokenizerLimits limits, ProblemList problems)
    {
        string name = Escape.Quote(token.Content);
        if (token.Content.Length == 0)
        {
            problems.Add(Invariant($"{where}: the token with id {token.Id} is empty"));
            return;
        }

        if (token.Content.Length > limits.MaxAddedTokenLength)
        {
            throw new TokenizerLimitException(
                $"The added token {name} is too long, in characters", nameof(TokenizerLimits.MaxAddedTokenLength), token.Content.Length,
                limits.MaxAddedTokenLength, Path);
        }

        if (token.Id >= limits.MaxVocabularySize)
        {
            throw new TokenizerLimitException(
                $"The vocabulary is too large for the id of the added token {name}", nameof(TokenizerLimits.MaxVocabularySize),
                token.Id + 1L, limits.MaxVocabularySize, Path);
        }

        if (token.Id < 0)
        {
            problems.Add(Invariant($"{where}: the id of {name} is negative ({token.Id})"));
            return;
        }

        int learned = FindLearned(token.Content);
        if (learned >= 0 && learned != token.Id)
        {
            problems.Add(Invariant($"{where}: {name} has the id {token.Id}, but {learned} in the vocabulary"));
        }
        else if (learned < 0 && Vocabulary.Contains(token.Id))
        {
            problems.Add(Invariant($"{where}: {name} has the id {token.Id}, which is another token's"));
        }
        else
        {
            if (learned < 0)
            {
                Vocabulary.Add(token.Id, Encoding.UTF8.GetBytes(token.Content), literal: true);
            }

            _addedTokens.Add(token.Content, token);
        }
    }
}
