using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PretrainedTokenizers;

namespace Tokenizers.Tests.Support;

/// <summary>A vocabulary of the 256 bytes and what merges make of them, as a tokenizer.json to be changed and loaded.</summary>
internal sealed class TestVocabulary
{
    public TestVocabulary(params string[] merges)
    {
        JsonObject vocabulary = [];
        for (int value = 0; value < 256; value++)
        {
            vocabulary[ByteAlphabet.ToChar((byte)value).ToString()] = value;
        }

        foreach (string merge in merges)
        {
            string token = merge.Replace(" ", "", StringComparison.Ordinal);
            if (!vocabulary.ContainsKey(token))
            {
                vocabulary[token] = vocabulary.Count;
            }
        }

        Json = new JsonObject
        {
            ["added_tokens"] = new JsonArray(),
            ["normalizer"] = null,
            ["pre_tokenizer"] = JsonNode.Parse("""{"type":"ByteLevel","add_prefix_space":false,"use_regex":true}"""),
            ["post_processor"] = null,
            ["decoder"] = JsonNode.Parse("""{"type":"ByteLevel"}"""),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["vocab"] = vocabulary,
                ["merges"] = new JsonArray([.. merges.Select(merge => JsonValue.Create(merge))]),
            },
        };
    }

    public JsonObject Json { get; }

    public JsonObject Model => Json["model"]!.AsObject();

    public JsonObject Vocabulary => Model["vocab"]!.AsObject();

    public JsonArray Merges => Model["merges"]!.AsArray();

    public TestVocabulary With(string part, string json)
    {
        Json[part] = JsonNode.Parse(json);
        return this;
    }

    public BpeTokenizer Load(TokenizerOptions? options = null) => Load(Json.ToJsonString(), options);

    public static BpeTokenizer Load(string json, TokenizerOptions? options = null) => Load(Encoding.UTF8.GetBytes(json), options);

    public static BpeTokenizer Load(byte[] json, TokenizerOptions? options = null)
    {
        using MemoryStream stream = new(json);
        return BpeTokenizer.FromTokenizerJson(stream, options);
    }

    /// <summary>The two files of the older form.</summary>
    public (string Vocabulary, string Merges) Pair() => (
        Vocabulary.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }),
        "#version: 0.2\n" + string.Concat(Merges.Select(merge => (string)merge! + "\n")));
}
