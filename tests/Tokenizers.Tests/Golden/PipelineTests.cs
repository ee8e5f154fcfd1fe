using System.Text.Json.Nodes;
using PretrainedTokenizers;
using Tests.Shared;

namespace Tokenizers.Tests.Golden;

/// <summary>What Hugging Face's tokenizers give for every supported setting of tokenizer.json.</summary>
public sealed class PipelineTests
{
    private static readonly string[] Lines = File.ReadAllLines(Path.Combine(Repository.Fixture("tokenizer-pipelines"), "pipelines.jsonl"));

    public static TheoryData<string> Names => [.. Lines.Select(line => (string)JsonNode.Parse(line)!["name"]!)];

    /// <summary>A pipeline's tokenizer, and its rows.</summary>
    internal static (BpeTokenizer Tokenizer, List<(string Text, int[] Ids)> Rows) Load(string name)
    {
        JsonNode pipeline = Lines.Select(line => JsonNode.Parse(line)!).Single(node => (string)node["name"]! == name);
        JsonNode json = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Fixture("tokenizer-tiny"), "tokenizer.json")))!;
        foreach (string part in new[] { "normalizer", "pre_tokenizer", "post_processor", "added_tokens" })
        {
            json[part] = pipeline[part]?.DeepClone();
        }

        JsonObject model = json["model"]!.AsObject();
        foreach (var (key, value) in pipeline["model"]!.AsObject())
        {
            model[key] = value?.DeepClone();
        }

        string[] removed = [.. pipeline["remove"]!.AsArray().Select(item => (string)item!)];
        JsonObject vocabulary = model["vocab"]!.AsObject();
        foreach (string token in vocabulary.Select(pair => pair.Key).Where(token => token != "<|endoftext|>" && removed.Any(token.Contains)).ToArray())
        {
            vocabulary.Remove(token);
        }

        model["merges"] = new JsonArray([.. model["merges"]!.AsArray().Where(merge => !removed.Any(((string)merge!).Contains)).Select(merge => merge!.DeepClone())]);
        foreach (var (key, value) in pipeline["vocab_extra"]!.AsObject())
        {
            vocabulary[key] = value!.DeepClone();
        }

        using MemoryStream stream = new(System.Text.Encoding.UTF8.GetBytes(json.ToJsonString()));
        BpeTokenizer tokenizer = BpeTokenizer.FromTokenizerJson(stream, new TokenizerOptions { DropUnknownBytes = (bool)pipeline["drop"]! });
        return (tokenizer, [.. pipeline["rows"]!.AsArray().Select(row => ((string)row![0]!, row[1]!.AsArray().Select(id => (int)id!).ToArray()))]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_setting_gives_the_expected_ids(string name)
    {
        var (tokenizer, rows) = Load(name);
        Assert.True(rows.Count > 100);
        List<string> wrong = [];
        foreach (var (text, ids) in rows)
        {
            int[] actual = tokenizer.Encode(text);
            if (!actual.SequenceEqual(ids))
            {
                wrong.Add($"{System.Text.Json.JsonSerializer.Serialize(text)}: expected [{string.Join(' ', ids)}], got [{string.Join(' ', actual)}]");
            }
        }

        Assert.True(wrong.Count == 0, $"{wrong.Count} of {rows.Count}\n" + string.Join('\n', wrong.Take(10)));
    }
}
