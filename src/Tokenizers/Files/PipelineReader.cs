using System.Text.Json;
using SharedSource.Text;
using static System.FormattableString;

namespace PretrainedTokenizers;

/// <summary>Reads the parts of tokenizer.json around the model: normalizer, pre-tokenizer, post-processor and decoder.</summary>
internal sealed class PipelineReader(ProblemList problems, List<string> unsupported)
{
    public List<int> Prefix { get; } = [];

    public List<int> Suffix { get; } = [];

    /// <summary>Whether texts are brought into normalization form C.</summary>
    public bool ReadNormalizer(JsonElement element)
    {
        bool normalizes = false;
        foreach (var (_, type, _) in Flatten(element, "normalizer", "normalizers"))
        {
            if (type == "NFC")
            {
                normalizes = true;
            }
            else
            {
                Refuse("normalizer", type);
            }
        }

        return normalizes;
    }

    /// <summary>The steps that end with the bytes' alphabet.</summary>
    public PreTokenizerStage[] ReadPreTokenizer(JsonElement element)
    {
        List<PreTokenizerStage> stages = [];
        bool ended = false;
        foreach (var (item, type, where) in Flatten(element, "pre_tokenizer", "pretokenizers"))
        {
            if (ended)
            {
                unsupported.Add($"pre_tokenizer {Escape.Quote(type)} behind ByteLevel");
                continue;
            }

            switch (type)
            {
                case "ByteLevel":
                    bool usesPattern = JsonText.Flag(item, "use_regex", absent: true, where, problems);
                    bool prefix = JsonText.Flag(item, "add_prefix_space", absent: true, where, problems);
                    stages.Add(new PreTokenizerStage(usesPattern ? new Gpt2Scanner() : null, prefix));
                    ended = true;
                    break;
                case "Digits":
                    bool individual = JsonText.Flag(item, "individual_digits", absent: false, where, problems);
                    stages.Add(new PreTokenizerStage(new DigitsScanner(individual), PrefixSpace: false));
                    break;
                case "Split":
                    ReadSplit(item, where, stages);
                    break;
                default:
                    Refuse("pre_tokenizer", type);
                    break;
            }
        }

        if (!ended && unsupported.Count == 0)
        {
            unsupported.Add("a pre_tokenizer without ByteLevel (the vocabulary is not one of bytes)");
        }

        return [.. stages];
    }

    public void ReadDecoder(JsonElement element)
    {
        var parts = Flatten(element, "decoder", "decoders").ToList();
        if (parts is [var (_, type, _)] && type == "ByteLevel")
        {
            return;
        }

        unsupported.Add(parts.Count == 0
            ? "no decoder"
            : "decoder " + string.Join(", ", parts.Select(part => Escape.Quote(part.Type))));
    }

    public void ReadPostProcessor(JsonElement element)
    {
        foreach (var (item, type, where) in Flatten(element, "post_processor", "processors"))
        {
            switch (type)
            {
                case "ByteLevel":
                    // Moves offsets, which are not given here.
                    break;
                case "TemplateProcessing":
                    ReadTemplate(item, where);
                    break;
                case "RobertaProcessing":
                    Wrap([IdOf(item, "cls", where)], [IdOf(item, "sep", where)]);
                    break;
                default:
                    Refuse("post_processor", type);
                    break;
            }
        }
    }

    private void ReadSplit(JsonElement item, string where, List<PreTokenizerStage> stages)
    {
        string behavior = JsonText.Text(item, "behavior", where, problems) ?? "";
        bool invert = JsonText.Flag(item, "invert", absent: false, where, problems);
        item.TryGetProperty("pattern", out JsonElement pattern);
        string? regex = pattern.ValueKind == JsonValueKind.Object ? JsonText.Text(pattern, "Regex", where, problems) : null;

        // The known patterns leave nothing unmatched, so that removing what is between the matches is the same as keeping them apart.
        bool isolates = behavior.Equals("Isolated", StringComparison.OrdinalIgnoreCase)
            || (behavior.Equals("Removed", StringComparison.OrdinalIgnoreCase) && invert);
        if (regex is null)
        {
            string at = pattern.ValueKind == JsonValueKind.Undefined ? "" : pattern.GetRawText();
            unsupported.Add($"pre_tokenizer Split at {Escape.Quote(at)}");
        }
        else if (!isolates)
        {
            unsupported.Add($"pre_tokenizer Split with behavior {Escape.Quote(behavior)}{(invert ? ", inverted" : "")}");
        }
        else if (KnownPatterns.Find(regex) is { } scanner)
        {
            stages.Add(new PreTokenizerStage(scanner, PrefixSpace: false));
        }
        else
        {
            unsupported.Add($"pre_tokenizer Split with the pattern {Escape.Quote(regex)}");
        }
    }

    private void ReadTemplate(JsonElement item, string where)
    {
        // Looked up by a table: a member of a JsonElement is searched for from one end to the other.
        Dictionary<string, JsonElement> specials = [];
        if (item.TryGetProperty("special_tokens", out JsonElement list) && list.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty member in list.EnumerateObject())
            {
                specials[member.Name] = member.Value;
            }
        }

        List<int> before = [];
        List<int> after = [];
        int sequences = 0;
        foreach (JsonElement piece in JsonText.Items(item, "single", where, problems))
        {
            if (piece.ValueKind == JsonValueKind.Object && piece.TryGetProperty("Sequence", out _))
            {
                sequences++;
            }
            else if (piece.ValueKind == JsonValueKind.Object && piece.TryGetProperty("SpecialToken", out JsonElement token)
                && token.ValueKind == JsonValueKind.Object && JsonText.Text(token, "id", where, problems) is { } name
                && specials.TryGetValue(name, out JsonElement special)
                && special.ValueKind == JsonValueKind.Object)
            {
                foreach (JsonElement id in JsonText.Items(special, "ids", where, problems))
                {
                    (sequences == 0 ? before : after).Add(Id(id, where));
                }
            }
            else
            {
                problems.Add($"{where}.single has a piece that is neither the sequence nor one of special_tokens");
            }
        }

        if (sequences != 1)
        {
            problems.Add(Invariant($"{where}.single has the sequence {sequences} times"));
        }

        Wrap(before, after);
    }

    // Processors run one after the other: the later one's tokens are outside.
    private void Wrap(IEnumerable<int> before, IEnumerable<int> after)
    {
        Prefix.InsertRange(0, before);
        Suffix.AddRange(after);
    }

    private int IdOf(JsonElement item, string name, string where)
    {
        JsonElement[] pair = JsonText.Items(item, name, where, problems);
        if (pair.Length == 2)
        {
            return Id(pair[1], where);
        }

        problems.Add($"{where}.{name} is not a token with its id");
        return -1;
    }

    private int Id(JsonElement value, string where)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int id) && id >= 0)
        {
            return id;
        }

        problems.Add($"{where} has an id that is not a positive integer");
        return -1;
    }

    private void Refuse(string part, string type) => unsupported.Add($"{part} {Escape.Quote(type)}");

    /// <summary>The parts of a Sequence, however deep, in order; a single part by itself; nothing for null.</summary>
    private IEnumerable<(JsonElement Item, string Type, string Where)> Flatten(JsonElement element, string where, string listName)
    {
        if (element.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            return [];
        }

        if (element.ValueKind != JsonValueKind.Object || JsonText.Text(element, "type", where, problems) is not { } type)
        {
            problems.Add($"{where} is not an object with a type");
            return [];
        }

        return type == "Sequence"
            ? JsonText.Items(element, listName, where, problems)
                .SelectMany((item, number) => Flatten(item, Invariant($"{where}.{listName}[{number}]"), listName))
            : [(element, type, where)];
    }
}
