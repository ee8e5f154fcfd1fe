using PretrainedTokenizers;
using Tests.Shared;
using Tokenizers.Tests.Support;

namespace Tokenizers.Tests.Golden;

/// <summary>Every id that the reference implementations give, from every form in which a tokenizer's files come.</summary>
public sealed class GoldenIdTests
{
    public static TheoryData<string> Names => [.. Loaded.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_text_has_the_expected_ids(string name)
    {
        BpeTokenizer tokenizer = Loaded.Get(name);
        IReadOnlyList<GoldenRow> rows = Rows(name);
        Assert.True(rows.Count >= 377);
        foreach (GoldenRow row in rows)
        {
            AssertIds(row, row.Ids, tokenizer.Encode(row.Text, EncodeOptions.Ordinary));
            AssertIds(row, row.IdsSpecial, tokenizer.Encode(row.Text));
            Assert.Equal(row.IdsSpecial.Length, tokenizer.Count(row.Text));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_text_comes_back(string name)
    {
        BpeTokenizer tokenizer = Loaded.Get(name);
        foreach (GoldenRow row in Rows(name).Where(row => row.Group != "lone-surrogate"))
        {
            Assert.Equal(row.Text, tokenizer.Decode(row.Ids));
            Assert.Equal(row.Text, tokenizer.Decode(row.IdsSpecial));
        }
    }

    [Theory]
    [InlineData("tokenizer-tiny")]
    [InlineData("tokenizer-tiny-hforder")]
    [InlineData("tokenizer-gpt2")]
    public void Every_sequence_of_ids_has_the_expected_text(string name)
    {
        BpeTokenizer tokenizer = Loaded.Get(name);
        int rows = 0;
        foreach (string line in File.ReadLines(Path.Combine(Repository.Fixture(name), "expected_decode.jsonl")))
        {
            var row = System.Text.Json.JsonDocument.Parse(line).RootElement;
            int[] ids = GoldenRow.Integers(row.GetProperty("ids"));
            string text = row.GetProperty("text").GetString()!;
            Assert.Equal(text, tokenizer.Decode(ids));
            StreamingDecoder decoder = tokenizer.CreateDecoder();
            Assert.Equal(text, string.Concat(ids.Select(decoder.Append)) + decoder.Flush());
            rows++;
        }

        Assert.Equal(80, rows);
    }

    [Fact]
    public void Tiny_has_the_same_ids_from_its_pair_of_files_and_from_tokenizer_json()
    {
        string directory = Repository.Fixture("tokenizer-tiny");
        BpeTokenizer pair = BpeTokenizer.FromFiles(Path.Combine(directory, "vocab.json"), Path.Combine(directory, "merges.txt"));
        using FileStream json = File.OpenRead(Path.Combine(directory, "tokenizer.json"));
        BpeTokenizer whole = BpeTokenizer.FromTokenizerJson(json);
        foreach (GoldenRow row in GoldenRow.Read("tokenizer-tiny"))
        {
            AssertIds(row, row.IdsSpecial, pair.Encode(row.Text));
            AssertIds(row, row.IdsSpecial, whole.Encode(row.Text));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void The_cache_changes_no_id(int cacheSize)
    {
        BpeTokenizer tokenizer = BpeTokenizer.FromDirectory(Repository.Fixture("tokenizer-tiny"), new TokenizerOptions { CacheSize = cacheSize });
        foreach (GoldenRow row in GoldenRow.Read("tokenizer-tiny"))
        {
            AssertIds(row, row.Ids, tokenizer.Encode(row.Text, EncodeOptions.Ordinary));
        }
    }

    [Fact]
    public void All_forms_of_encode_give_the_same_ids()
    {
        BpeTokenizer tokenizer = Loaded.Get("tokenizer-tiny");
        string text = string.Concat(GoldenRow.Read("tokenizer-tiny").Select(row => row.Text));
        int[] ids = tokenizer.Encode(text);
        List<int> list = [7];
        tokenizer.Encode(text, list);
        System.Buffers.ArrayBufferWriter<int> writer = new();
        tokenizer.Encode(text, writer);
        Assert.Equal([7, .. ids], list);
        Assert.Equal(ids, writer.WrittenSpan.ToArray());
        Assert.Equal(ids.Length, tokenizer.Count(text));
    }

    private static IReadOnlyList<GoldenRow> Rows(string name) =>
        GoldenRow.Read(name == "tokenizer-gpt2-json" ? "tokenizer-gpt2" : name);

    private static void AssertIds(GoldenRow row, int[] expected, int[] actual) =>
        Assert.True(expected.SequenceEqual(actual), $"row {row.Number} ({row.Group}): expected [{string.Join(' ', expected)}], got [{string.Join(' ', actual)}]");
}
