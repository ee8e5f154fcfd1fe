using System.Text.Json;
using SharedSource.Text;
using static System.FormattableString;

namespace PretrainedTokenizers;

/// <summary>Reads tokenizer.json, the form of Hugging Face's tokenizers, and refuses by name what is not byte-level BPE.</summary>
internal sealed class TokenizerJsonReader
{
    private readonly string? _path;
    private readonly TokenizerLimits _limits;
    private readonly ProblemList _problems = new();
    private readonly List<string> _unsupported = [];

    private TokenizerJsonReader(string? path, TokenizerLimits limits)
    {
        _path = path;
        _limits = limits;
    }

    public static BpeDefinition Read(ReadOnlyMemory<byte> json, string? path, TokenizerLimits limits) =>
        JsonText.Guarded(path, "The tokenizer", () => new TokenizerJsonReader(path, limits).Read(json));

    private BpeDefinition Read(ReadOnlyMemory<byte> json)
    {
        var members = JsonText.Members(json, _path, "The tokenizer");
        if (!members.TryGetValue("model", out ReadOnlyMemory<byte> modelJson))
        {
            throw new TokenizerFormatException("The tokenizer has no member \"model\"", _path);
        }

        JsonElement Part(string name) =>
            members.TryGetValue(name, out ReadOnlyMemory<byte> part) ? JsonText.Element(part, _path, name) : default;

        var model = JsonText.Members(modelJson, _path, "model");
        ModelSettings settings = ReadModelSettings(model);

        // What is not supported is told before anything large is read, and before what it makes look like damage.
        PipelineReader pipeline = new(_problems, _unsupported);
        bool normalizes = pipeline.ReadNormalizer(Part("normalizer"));
        PreTokenizerStage[] stages = pipeline.ReadPreTokenizer(Part("pre_tokenizer"));
        pipeline.ReadDecoder(Part("decoder"));
        pipeline.ReadPostProcessor(Part("post_processor"));
        if (_unsupported.Count > 0)
        {
            throw new TokenizerUnsupportedException(_unsupported, _path);
        }

        Vocabulary vocabulary = VocabularyReader.Read(model["vocab"], _path, "model.vocab", _limits, _problems);
        BpeDefinition definition = new()
        {
            Path = _path,
            Vocabulary = vocabulary,
            Merges = MergesReader.ReadJson(model["merges"], _path, vocabulary, _problems),
            Stages = stages,
            Normalizes = normalizes,
            UnknownToken = settings.UnknownToken,
            FuseUnknown = settings.FuseUnknown,
            IgnoreMerges = settings.IgnoreMerges,
        };
        ReadAddedTokens(Part("added_tokens"), definition);
        AddTemplate(pipeline, definition);
        if (_problems.Count > 0)
        {
            throw new TokenizerFormatException(_problems.Items, _path);
        }

        return definition;
    }

    private ModelSettings ReadModelSettings(Dictionary<string, ReadOnlyMemory<byte>> model)
    {
        string? Text(string name) => Value(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
        bool Flag(string name) => Value(name) is { ValueKind: JsonValueKind.True };
        JsonElement Value(string name) =>
            model.TryGetValue(name, out ReadOnlyMemory<byte> json) ? JsonText.Element(json, _path, "model." + name) : default;

        // Files of 2019 to 2021 have no type; their BPE is known by its merges.
        string type = Text("type") ?? (model.ContainsKey("merges") ? "BPE" : "without type and merges");
        if (type != "BPE")
        {
            throw new TokenizerUnsupportedException([$"model {Escape.Quote(type)}"], _path);
        }

        foreach (string name in new[] { "vocab", "merges" })
        {
            if (!model.ContainsKey(name))
            {
                throw new TokenizerFormatException($"model has no member \"{name}\"", _path);
            }
        }

        foreach (string name in model.Keys)
        {
            JsonElement value = name is "type" or "vocab" or "merges" ? default : Value(name);
            bool off = value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.False
                || (value.ValueKind == JsonValueKind.String && value.GetString()!.Length == 0)
                || (value.ValueKind == JsonValueKind.Number && value.GetDouble() == 0);
            bool understood = name switch
            {
                "unk_token" => value.ValueKind == JsonValueKind.String,
                "fuse_unk" or "ignore_merges" => value.ValueKind == JsonValueKind.True,

                // Without effect where every byte has its token, and that is required.
                "byte_fallback" => value.ValueKind == JsonValueKind.True && Text("unk_token") is null,
                _ => false,
            };
            if (!off && !understood)
            {
                _unsupported.Add($"model.{Escape.Quote(name)[1..^1]} {Escape.Quote(value.GetRawText())}");
            }
        }

        return new ModelSettings(Text("unk_token"), Flag("fuse_unk"), Flag("ignore_merges"));
    }

    private void ReadAddedTokens(JsonElement list, BpeDefinition definition)
    {
        if (list.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
        {
            return;
        }

        if (list.ValueKind != JsonValueKind.Array)
        {
            _problems.Add("added_tokens is not an array");
            return;
        }

        int number = 0;
        foreach (JsonElement item in list.EnumerateArray())
        {
            string where = Invariant($"added_tokens[{number++}]");
            if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("id", out JsonElement idValue)
                || idValue.ValueKind != JsonValueKind.Number || !idValue.TryGetInt32(out int id))
            {
                _problems.Add($"{where} has no integer id");
            }
            else if (AddedTokenJson.Read(item, id, where, _problems) is { } token)
            {
                if (!definition.IsAdded(token.Content))
                {
                    definition.Add(token, where, _limits, _problems);
                }
                else
                {
                    _problems.Add($"{where}: {Escape.Quote(token.Content)} is there twice");
                }
            }

            if (_problems.IsFull)
            {
                break;
            }
        }
    }

    private void AddTemplate(PipelineReader pipeline, BpeDefinition definition)
    {
        definition.Prefix.AddRange(pipeline.Prefix);
        definition.Suffix.AddRange(pipeline.Suffix);
        foreach (int id in pipeline.Prefix.Concat(pipeline.Suffix))
        {
            if (!definition.Vocabulary.Contains(id))
            {
                _problems.Add(Invariant($"post_processor adds the id {id}, which has no token"));
            }
        }
    }

    private readonly record struct ModelSettings(string? UnknownToken, bool FuseUnknown, bool IgnoreMerges);
}
