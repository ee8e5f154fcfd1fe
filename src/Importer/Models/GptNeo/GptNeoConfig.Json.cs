using System.Text.Json;
using System.Text.Json.Nodes;
using Importer.Models.Layers;

namespace Importer.Models.GptNeo;

public sealed partial record GptNeoConfig
{
    /// <summary>Reads the object of a config.json. A field that changes a number and has an unknown value is an error.</summary>
    /// <param name="json">The object.</param>
    /// <param name="source">What to call its origin in a message.</param>
    /// <exception cref="ModelConfigException">It is of another family, a field is missing, mistyped, or asks for what the model does not do.</exception>
    public static GptNeoConfig FromJson(JsonElement json, string source = "config.json") => FromJson(json, source, fallbackType: null);

    internal static GptNeoConfig FromJson(JsonElement json, string source, string? fallbackType)
    {
        var reader = new ConfigJson(json, source);
        ModelFamily.Require(reader, nameof(GptNeoModel), ["gpt_neo"], fallbackType);
        var config = new GptNeoConfig
        {
            VocabSize = reader.Count("vocab_size"),
            BlockSize = reader.Count("max_position_embeddings"),
            EmbeddingSize = reader.Count("hidden_size"),
            LayerCount = reader.Count("num_layers"),
            HeadCount = reader.Count("num_heads"),
            InnerSize = reader.OptionalCount("intermediate_size"),
            WindowSize = reader.OptionalCount("window_size") ?? 256,
            LocalLayers = ReadLayers(reader, json),
            Activation = Activations.Parse(reader, "activation_function", reader.Text("activation_function") ?? "gelu_new"),
            LayerNormEpsilon = reader.Number("layer_norm_epsilon") ?? 1e-5,
            TieWordEmbeddings = reader.Flag("tie_word_embeddings") ?? true,
            EmbeddingDropout = reader.Number("embed_dropout") ?? 0,
            AttentionDropout = reader.Number("attention_dropout") ?? 0,
            ResidualDropout = reader.Number("resid_dropout") ?? 0,
        };
        config.Validate(source);
        return config;
    }

    /// <inheritdoc/>
    public override JsonObject ToJson()
    {
        string[] layers = [.. Enumerable.Range(0, LayerCount).Select(layer => IsLocal(layer) ? "local" : "global")];
        return new JsonObject
        {
            ["model_type"] = ModelType,
            ["architectures"] = new JsonArray("GPTNeoForCausalLM"),
            ["vocab_size"] = VocabSize,
            ["max_position_embeddings"] = BlockSize,
            ["hidden_size"] = EmbeddingSize,
            ["num_layers"] = LayerCount,
            ["num_heads"] = HeadCount,
            ["intermediate_size"] = InnerSize,
            ["window_size"] = WindowSize,
            ["attention_types"] = new JsonArray(new JsonArray(Names(), 1)),
            ["attention_layers"] = Names(),
            ["activation_function"] = Activations.Spelling(Activation),
            ["layer_norm_epsilon"] = LayerNormEpsilon,
            ["tie_word_embeddings"] = TieWordEmbeddings,
            ["embed_dropout"] = EmbeddingDropout,
            ["attention_dropout"] = AttentionDropout,
            ["resid_dropout"] = ResidualDropout,
        };

        JsonArray Names() => new([.. layers.Select(layer => JsonValue.Create(layer))]);
    }

    /// <summary>
    /// The kinds of all layers, from <c>attention_types</c>, a list of patterns and how often each repeats, and from
    /// <c>attention_layers</c>, which lists them one by one. Where both are there they must say the same.
    /// </summary>
    private static List<bool> ReadLayers(ConfigJson reader, JsonElement json)
    {
        List<bool>? listed = reader.Has("attention_layers") ? Kinds(reader, "attention_layers", json.GetProperty("attention_layers")) : null;
        if (!reader.Has("attention_types"))
        {
            return listed ?? throw reader.Error(
                "attention_types", "attention_types and attention_layers are missing, so it cannot be told which layers see a window",
                "Take the config.json that belongs to these weights.");
        }

        var types = json.GetProperty("attention_types");
        List<bool> repeated = [];
        foreach (var entry in Items(reader, "attention_types", types))
        {
            if (entry.ValueKind != JsonValueKind.Array || entry.GetArrayLength() != 2 || entry[1].ValueKind != JsonValueKind.Number ||
                !entry[1].TryGetInt32(out int times) || times is < 1 or > 1 << 16)
            {
                throw Malformed(reader, "attention_types", entry);
            }

            var kinds = Kinds(reader, "attention_types", entry[0]);
            if (repeated.Count + (long)kinds.Count * times > 1 << 16)
            {
                throw Malformed(reader, "attention_types", entry);
            }

            repeated.AddRange(Enumerable.Repeat(kinds, times).SelectMany(kind => kind));
        }

        return listed is null || listed.SequenceEqual(repeated)
            ? repeated
            : throw reader.Error(
                "attention_layers", "attention_layers and attention_types contradict each other", "Take the config.json that belongs to these weights.");
    }

    private static List<bool> Kinds(ConfigJson reader, string field, JsonElement list) => [.. Items(reader, field, list).Select(kind => kind.GetRawText() switch
    {
        "\"global\"" => false,
        "\"local\"" => true,
        _ => throw reader.Error(
            field, $"{field} has a layer of the kind {ConfigJson.Shorten(kind)}, which GptNeoModel does not compute", "It computes global and local ones."),
    })];

    private static JsonElement.ArrayEnumerator Items(ConfigJson reader, string field, JsonElement list) =>
        list.ValueKind == JsonValueKind.Array && list.GetArrayLength() is > 0 and <= 1 << 16 ? list.EnumerateArray() : throw Malformed(reader, field, list);

    private static ModelConfigException Malformed(ConfigJson reader, string field, JsonElement value) => reader.Error(
        field, $"{field} has {ConfigJson.Shorten(value)} where a list of layers was expected", "Take the config.json that belongs to these weights.");
}
