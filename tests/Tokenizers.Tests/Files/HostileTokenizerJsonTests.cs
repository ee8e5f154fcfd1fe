using System.Text;
using System.Text.Json.Nodes;
using PretrainedTokenizers;
using Tokenizers.Tests.Support;

namespace Tokenizers.Tests.Files;

/// <summary>tokenizer.json from anyone: every fault is a typed exception that says what and what to do.</summary>
public sealed class HostileTokenizerJsonTests
{
    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{} {}")]
    [InlineData("""{"model":null}""")]
    [InlineData("""{"model":[]}""")]
    [InlineData("""{"model":{"type":"BPE"}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{}}}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{},"merges":[]},"model":1}""")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"vocab":{},"merges":[]}}""")]
    public void What_is_no_tokenizer_is_refused(string json)
    {
        var e = Assert.ThrowsAny<TokenizerException>(() => TestVocabulary.Load(json));
        Assert.EndsWith(".", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vocab", "[]", "not a JSON object")]
    [InlineData("vocab", "{\"a\":\"1\"}", "is not an integer")]
    [InlineData("vocab", "{\"a\":1.5}", "is not an integer")]
    [InlineData("vocab", "{\"a\":{\"b\":[1]}}", "is not an integer")]
    [InlineData("vocab", "{\"a\":-1}", "negative")]
    [InlineData("vocab", "{\"a\":99999999999999999999}", "is not an integer")]
    [InlineData("vocab", "{\"\":1}", "empty")]
    [InlineData("vocab", "{\"a\":1,\"b\":1}", "another token")]
    [InlineData("vocab", "{\"a\":1,\"a\":2}", "twice")]
    [InlineData("vocab", "{\"a\":1,\"\\u0061\":2}", "twice")]
    [InlineData("vocab", "{\"\\ud800\":1}", "not valid Unicode")]
    [InlineData("merges", "{}", "not an array")]
    [InlineData("merges", "[\"ab\"]", "two tokens")]
    [InlineData("merges", "[\"a b c\"]", "two tokens")]
    [InlineData("merges", "[\" b\"]", "lacks")]
    [InlineData("merges", "[1]", "not a pair")]
    [InlineData("merges", "[[\"a\"]]", "not a pair")]
    [InlineData("merges", "[[\"a\",\"b\",\"c\"]]", "not a pair")]
    [InlineData("merges", "[[\"a\",1]]", "not a pair")]
    [InlineData("merges", "[[[\"a\"],\"b\"]]", "not a pair")]
    [InlineData("merges", "[[\"a\",\"\\ud800\"]]", "not valid Unicode")]
    [InlineData("merges", "[\"a zz\"]", "lacks")]
    [InlineData("merges", "[\"a b\"]", "lacks what they make")]
    [InlineData("merges", "[\"中 文\"]", "lacks")]
    public void A_broken_vocabulary_or_merge_list_is_refused(string part, string json, string expected)
    {
        TestVocabulary vocabulary = new();
        string text = vocabulary.Json.ToJsonString().Replace(
            part == "vocab" ? vocabulary.Vocabulary.ToJsonString() : "\"merges\":[]", part == "vocab" ? json : "\"merges\":" + json, StringComparison.Ordinal);
        var e = Assert.Throws<TokenizerFormatException>(() => TestVocabulary.Load(text));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.EndsWith("fetch it again from its source.", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("added_tokens", "{}", "not an array")]
    [InlineData("added_tokens", "[1]", "no integer id")]
    [InlineData("added_tokens", "[{\"content\":\"x\"}]", "no integer id")]
    [InlineData("added_tokens", "[{\"id\":\"1\",\"content\":\"x\"}]", "no integer id")]
    [InlineData("added_tokens", "[{\"id\":-3,\"content\":\"x\"}]", "negative")]
    [InlineData("added_tokens", "[{\"id\":300}]", "not a token with its content")]
    [InlineData("added_tokens", "[{\"id\":300,\"content\":1}]", "not a string")]
    [InlineData("added_tokens", "[{\"id\":300,\"content\":\"\"}]", "empty")]
    [InlineData("added_tokens", "[{\"id\":300,\"content\":\"a\"}]", "in the vocabulary")]
    [InlineData("added_tokens", "[{\"id\":3,\"content\":\"<x>\"}]", "another token's")]
    [InlineData("added_tokens", "[{\"id\":300,\"content\":\"<x>\"},{\"id\":301,\"content\":\"<x>\"}]", "twice")]
    [InlineData("added_tokens", "[{\"id\":300,\"content\":\"<x>\"},{\"id\":300,\"content\":\"<y>\"}]", "another token's")]
    [InlineData("added_tokens", "[{\"id\":300,\"content\":\"<x>\",\"special\":1}]", "neither true nor false")]
    [InlineData("normalizer", "1", "not an object with a type")]
    [InlineData("normalizer", "{\"type\":\"Sequence\",\"normalizers\":1}", "not an array")]
    [InlineData("pre_tokenizer", "{\"type\":\"ByteLevel\",\"use_regex\":\"yes\"}", "neither true nor false")]
    [InlineData("post_processor", "{\"type\":\"TemplateProcessing\",\"single\":[]}", "0 times")]
    [InlineData("post_processor", "{\"type\":\"TemplateProcessing\",\"single\":[{\"Sequence\":{\"id\":\"A\"}},{\"SpecialToken\":{\"id\":\"x\"}}]}", "neither the sequence nor")]
    [InlineData("post_processor", "{\"type\":\"TemplateProcessing\",\"single\":[{\"Sequence\":{}},{\"SpecialToken\":{\"id\":\"x\"}}],\"special_tokens\":{\"x\":{\"ids\":[9999]}}}", "has no token")]
    [InlineData("post_processor", "{\"type\":\"RobertaProcessing\",\"sep\":[\"x\"],\"cls\":[\"y\",-2]}", "not a token with its id")]
    public void A_broken_part_is_refused(string part, string json, string expected)
    {
        var e = Assert.Throws<TokenizerFormatException>(() => new TestVocabulary().With(part, json).Load());
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("added_tokens", "[{\"id\":300,\"content\":\"\\ud800\"}]")]
    [InlineData("added_tokens", "[{\"id\":300,\"cont\\ud800ent\":\"x\"}]")]
    [InlineData("normalizer", "{\"type\":\"\\udfff\"}")]
    [InlineData("pre_tokenizer", "{\"type\":\"Split\",\"behavior\":\"\\ud800\",\"pattern\":{\"Regex\":\"\\ud800\"}}")]
    [InlineData("decoder", "{\"type\":\"\\ud800\"}")]
    [InlineData("post_processor", "{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"\\ud800\"}}],\"special_tokens\":{\"\\ud800\":{\"ids\":[1]}}}")]
    [InlineData("\"unk_token\"", "\"\\ud800\"")]
    public void Half_of_a_surrogate_pair_anywhere_is_refused(string part, string json)
    {
        string text = part.StartsWith('"')
            ? new TestVocabulary().Json.ToJsonString().Replace("\"merges\":[]", $"\"merges\":[],{part}:{json}", StringComparison.Ordinal)
            : new TestVocabulary().With(part, "\"HERE\"").Json.ToJsonString().Replace("\"HERE\"", json, StringComparison.Ordinal);
        var e = Assert.ThrowsAny<TokenizerException>(() => TestVocabulary.Load(text));
        Assert.EndsWith(".", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("normalizer", "{\"type\":\"Lowercase\"}", "normalizer \"Lowercase\"")]
    [InlineData("normalizer", "{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"NFC\"},{\"type\":\"Prepend\",\"prepend\":\"▁\"}]}", "normalizer \"Prepend\"")]
    [InlineData("pre_tokenizer", "null", "without ByteLevel")]
    [InlineData("pre_tokenizer", "{\"type\":\"Metaspace\",\"replacement\":\"▁\"}", "pre_tokenizer \"Metaspace\"")]
    [InlineData("pre_tokenizer", "{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"ByteLevel\"},{\"type\":\"Digits\"}]}", "behind ByteLevel")]
    [InlineData("pre_tokenizer", "{\"type\":\"Split\",\"pattern\":{\"Regex\":\"(a+)+$\"},\"behavior\":\"Isolated\"}", "the pattern \"(a+)+$\"")]
    [InlineData("pre_tokenizer", "{\"type\":\"Split\",\"pattern\":{\"String\":\" \"},\"behavior\":\"Isolated\"}", "Split at")]
    [InlineData("pre_tokenizer", "{\"type\":\"Split\",\"pattern\":{\"Regex\":\"x\"},\"behavior\":\"MergedWithNext\"}", "MergedWithNext")]
    [InlineData("post_processor", "{\"type\":\"BertProcessing\"}", "post_processor \"BertProcessing\"")]
    [InlineData("decoder", "null", "no decoder")]
    [InlineData("decoder", "{\"type\":\"WordPiece\"}", "decoder \"WordPiece\"")]
    [InlineData("decoder", "{\"type\":\"Sequence\",\"decoders\":[{\"type\":\"ByteFallback\"},{\"type\":\"Fuse\"}]}", "decoder \"ByteFallback\", \"Fuse\"")]
    public void Another_kind_of_part_is_refused_by_name(string part, string json, string expected)
    {
        var e = Assert.Throws<TokenizerUnsupportedException>(() => new TestVocabulary().With(part, json).Load());
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.Contains(e.Features, feature => feature.Contains(expected, StringComparison.Ordinal) || expected.Contains(feature, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("type", "\"Unigram\"", "Unigram")]
    [InlineData("type", "\"WordPiece\"", "WordPiece")]
    [InlineData("dropout", "0.1", "dropout")]
    [InlineData("continuing_subword_prefix", "\"##\"", "continuing_subword_prefix")]
    [InlineData("end_of_word_suffix", "\"</w>\"", "end_of_word_suffix")]
    [InlineData("something_new", "true", "something_new")]
    public void Another_kind_of_model_is_refused_by_name(string name, string json, string expected)
    {
        TestVocabulary vocabulary = new();
        vocabulary.Model[name] = JsonNode.Parse(json);
        Assert.Contains(expected, Assert.Throws<TokenizerUnsupportedException>(() => vocabulary.Load()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_that_is_not_supported_is_told_at_once()
    {
        TestVocabulary vocabulary = new TestVocabulary().With("normalizer", "{\"type\":\"NFKC\"}").With("decoder", "{\"type\":\"Metaspace\"}");
        vocabulary.Model["dropout"] = 0.5;
        Assert.Equal(3, Assert.Throws<TokenizerUnsupportedException>(() => vocabulary.Load()).Features.Count);
    }

    [Fact]
    public void Everything_that_is_broken_is_told_at_once_and_names_are_escaped()
    {
        TestVocabulary vocabulary = new();
        vocabulary.Merges.Add("q\u001b[31m zz");
        vocabulary.Merges.Add("one");
        vocabulary.With("added_tokens", "[{\"id\":1}]");
        var e = Assert.Throws<TokenizerFormatException>(() => vocabulary.Load());
        Assert.InRange(e.Problems.Count, 4, 5);
        Assert.DoesNotContain('\u001b', e.Message);
        Assert.Contains("\\u001B[31m", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_million_problems_give_a_short_message()
    {
        TestVocabulary vocabulary = new();
        string text = vocabulary.Json.ToJsonString().Replace("\"merges\":[]", "\"merges\":[" + string.Join(',', Enumerable.Repeat("\"q\"", 1_000_000)) + "]", StringComparison.Ordinal);
        var e = Assert.Throws<TokenizerFormatException>(() => TestVocabulary.Load(text));
        Assert.Equal(100, e.Problems.Count);
        Assert.InRange(e.Message.Length, 100, 5000);
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_are_refused_with_their_place()
    {
        byte[] json = Encoding.UTF8.GetBytes(new TestVocabulary().Json.ToJsonString());
        json[100] = 0xFF;
        Assert.Contains("byte 100", Assert.Throws<TokenizerFormatException>(() => TestVocabulary.Load(json)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nesting_without_end_is_refused()
    {
        string deep = new string('[', 100_000) + new string(']', 100_000);
        Assert.Throws<TokenizerFormatException>(() => TestVocabulary.Load("{\"model\":" + deep + "}"));
        string sequence = string.Concat(Enumerable.Repeat("{\"type\":\"Sequence\",\"normalizers\":[", 30)) + "{\"type\":\"NFC\"}" + string.Concat(Enumerable.Repeat("]}", 30));
        Assert.Equal([64], new TestVocabulary().With("normalizer", sequence).Load().Encode("a").Select(id => id - 33));
    }

    [Theory]
    [InlineData(nameof(TokenizerLimits.MaxVocabularySize))]
    [InlineData(nameof(TokenizerLimits.MaxFileBytes))]
    [InlineData(nameof(TokenizerLimits.MaxAddedTokenLength))]
    public void A_limit_is_kept_and_named(string limit)
    {
        TestVocabulary vocabulary = new TestVocabulary().With("added_tokens", "[{\"id\":256,\"content\":\"" + new string('x', 2000) + "\"}]");
        TokenizerLimits limits = limit switch
        {
            nameof(TokenizerLimits.MaxVocabularySize) => new TokenizerLimits { MaxVocabularySize = 200 },
            nameof(TokenizerLimits.MaxFileBytes) => new TokenizerLimits { MaxFileBytes = 1000 },
            _ => new TokenizerLimits(),
        };
        var e = Assert.Throws<TokenizerLimitException>(() => vocabulary.Load(new TokenizerOptions { Limits = limits }));
        Assert.Equal(limit, e.LimitName);
        Assert.True(e.Actual > e.Allowed);
    }

    [Theory]
    [InlineData(2_000_000_000L)]
    [InlineData(long.MaxValue)]
    public void An_enormous_id_takes_no_memory(long id)
    {
        TestVocabulary vocabulary = new();
        vocabulary.Vocabulary["abc"] = id;
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<TokenizerLimitException>(() => vocabulary.Load());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000);
    }

    [Fact]
    public void Gaps_between_ids_are_ids_without_a_token()
    {
        TestVocabulary vocabulary = new();
        vocabulary.Vocabulary["abc"] = 1000;
        BpeTokenizer tokenizer = vocabulary.With("added_tokens", "[{\"id\":2000,\"content\":\"<x>\"}]").Load();
        Assert.Equal(2001, tokenizer.VocabularySize);
        Assert.Null(tokenizer.GetToken(999));
        Assert.Equal("abc<x>", tokenizer.Decode([1000, 1001, 1999, 2000, 2001, -5, int.MaxValue]));
    }

    [Fact]
    public void A_vocabulary_without_some_bytes_is_refused_unless_they_may_be_lost()
    {
        TestVocabulary vocabulary = new();
        vocabulary.Vocabulary.Remove("q");
        var e = Assert.Throws<TokenizerFormatException>(() => vocabulary.Load());
        Assert.Contains("0x71", e.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(TokenizerOptions.DropUnknownBytes), e.Message, StringComparison.Ordinal);
        BpeTokenizer tokenizer = vocabulary.Load(new TokenizerOptions { DropUnknownBytes = true });
        Assert.Equal("uick", tokenizer.Decode(tokenizer.Encode("quick")));
        vocabulary.Vocabulary.Remove(ByteAlphabet.ToChar(0xC0).ToString());
        vocabulary.Vocabulary["q"] = 500;
        Assert.Equal("quick", vocabulary.Load().Decode(vocabulary.Load().Encode("quick")));
    }

    [Fact]
    public void Of_a_merge_that_is_there_twice_the_later_rank_counts()
    {
        BpeTokenizer tokenizer = new TestVocabulary("a b", "b c", "a b").Load();
        Assert.Equal(["a", "bc"], tokenizer.Encode("abc").Select(tokenizer.GetToken));
    }

    [Fact]
    public void Ids_that_merges_make_in_a_circle_end()
    {
        // Each token is made of others that are merged later; a token cannot be its own part, as it is longer.
        BpeTokenizer tokenizer = new TestVocabulary("ab ab", "aba b", "a b", "ab a").Load();
        Assert.Equal("abababab", tokenizer.Decode(tokenizer.Encode("abababab")));
        Assert.Equal(["abab", "abab"], tokenizer.Encode("abababab").Select(tokenizer.GetToken));
    }
}
