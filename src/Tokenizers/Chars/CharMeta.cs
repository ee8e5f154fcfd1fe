using System.Text;
using SharedSource.Text;
using static System.FormattableString;

namespace PretrainedTokenizers;

/// <summary>What nanoGPT's prepare.py keeps of a character-level data set.</summary>
internal sealed class CharMeta
{
    public long? VocabularySize { get; set; }

    public Dictionary<string, long>? Ids { get; set; }

    public Dictionary<long, string>? Characters { get; set; }

    /// <summary>The characters by id, after everything was checked.</summary>
    /// <exception cref="TokenizerFormatException">Something is missing or contradicts something else.</exception>
    public Rune[] ToCharacters(string path, TokenizerLimits limits)
    {
        ProblemList problems = new();
        if (Characters is null && Ids is null)
        {
            throw new TokenizerFormatException(
                "There is neither stoi nor itos", path, remedy: "A meta.pkl is what nanoGPT's prepare.py writes beside train.bin.");
        }

        Dictionary<long, string> characters = Characters ?? Inverted(Ids!, problems);
        if (characters.Count > limits.MaxVocabularySize)
        {
            throw new TokenizerLimitException(
                "There are too many characters", nameof(TokenizerLimits.MaxVocabularySize), characters.Count, limits.MaxVocabularySize,
                path);
        }

        if (VocabularySize is { } size && size != characters.Count)
        {
            problems.Add(Invariant($"vocab_size is {size}, but itos has {characters.Count} entries"));
        }

        Rune[] result = new Rune[characters.Count];
        HashSet<Rune> seen = [];
        for (int id = 0; id < result.Length; id++)
        {
            if (!characters.TryGetValue(id, out string? text))
            {
                problems.Add(Invariant($"itos has no entry {id}"));
            }
            else if (text.Length == 0 || !Rune.TryGetRuneAt(text, 0, out Rune rune) || rune.Utf16SequenceLength != text.Length)
            {
                problems.Add(Invariant($"itos[{id}] is {Escape.Quote(text)}, which is not one character"));
            }
            else if (!seen.Add(rune))
            {
                problems.Add($"itos has {Escape.Quote(text)} twice");
            }
            else
            {
                result[id] = rune;
            }
        }

        if (Characters is not null && Ids is not null && problems.Count == 0
            && (Ids.Count != result.Length || Ids.Any(pair => characters.GetValueOrDefault(pair.Value) != pair.Key)))
        {
            problems.Add("stoi is not the inverse of itos");
        }

        return problems.Count == 0 ? result : throw new TokenizerFormatException(problems.Items, path);
    }

    private static Dictionary<long, string> Inverted(Dictionary<string, long> ids, ProblemList problems)
    {
        Dictionary<long, string> characters = new(ids.Count);
        foreach (var (text, id) in ids)
        {
            if (id < 0 || id >= ids.Count)
            {
                problems.Add(Invariant($"stoi has the id {id}, but only {ids.Count} entries"));
            }
            else if (!characters.TryAdd(id, text))
            {
                problems.Add(Invariant($"stoi gives the id {id} twice"));
            }
        }

        return characters;
    }
}
