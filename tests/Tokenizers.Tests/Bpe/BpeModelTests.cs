using PretrainedTokenizers;
using Tests.Shared;
using Tokenizers.Tests.Golden;
using Tokenizers.Tests.Support;

namespace Tokenizers.Tests.Bpe;

public sealed class BpeModelTests
{
    /// <summary>Random merges over two letters, in an order that no trainer would give: later ones may be wanted first.</summary>
    [Fact]
    public void Words_of_every_length_are_merged_by_the_definition()
    {
        Random random = new(3);
        for (int round = 0; round < 60; round++)
        {
            List<string> tokens = ["a", "b"];
            List<(string Left, string Right)> pairs = [];
            for (int i = 0; i < 30; i++)
            {
                var pair = (Left: tokens[random.Next(tokens.Count)], Right: tokens[random.Next(tokens.Count)]);
                if (!pairs.Contains(pair) && (pair.Left + pair.Right).Length < 40)
                {
                    pairs.Add(pair);
                    tokens.Add(pair.Left + pair.Right);
                }
            }

            pairs = [.. pairs.OrderBy(_ => random.Next())];
            var ranks = pairs.Index().ToDictionary(entry => entry.Item, entry => entry.Index);
            BpeTokenizer tokenizer = new TestVocabulary([.. pairs.Select(pair => $"{pair.Left} {pair.Right}")]).Load();
            foreach (int length in new[] { 1, 2, 3, 10, 40, 41, BpeModel.MaxScanned - 1, BpeModel.MaxScanned, BpeModel.MaxScanned + 1, 1000 })
            {
                string word = string.Concat(Enumerable.Range(0, length).Select(_ => random.Next(3) == 0 ? "b" : "a"));
                var expected = NaiveBpe.Merge(word.Select(c => c.ToString()), ranks);
                Assert.Equal(expected, tokenizer.Encode(word).Select(tokenizer.GetToken));
            }
        }
    }

    [Fact]
    public void Ten_megabytes_of_one_letter_are_encoded_and_come_back()
    {
        BpeTokenizer tokenizer = Loaded.Get("tokenizer-gpt2");
        string text = new('a', 10_000_000);
        int[] ids = tokenizer.Encode(text);
        Assert.True(text == tokenizer.Decode(ids));
        Assert.InRange(ids.Length, 10_000_000 / 16, 10_000_000 / 4);
    }

    [Fact]
    public void Ten_megabytes_without_a_merge_are_encoded()
    {
        BpeTokenizer tokenizer = new TestVocabulary("x y").Load();
        int[] ids = tokenizer.Encode(new string('y', 10_000_000));
        Assert.Equal(10_000_000, ids.Length);
        Assert.All(ids.Distinct(), id => Assert.Equal("y", tokenizer.GetToken(id)));
    }

    /// <summary>One unit again and again: each is some engine's worst case.</summary>
    [Theory]
    [InlineData(" ")]
    [InlineData("\n")]
    [InlineData(" \n")]
    [InlineData("1")]
    [InlineData("!")]
    [InlineData("'")]
    [InlineData("中")]
    [InlineData("😀")]
    [InlineData("<|")]
    [InlineData("<|im_start|")]
    [InlineData("\uFFFD")]
    public void A_long_run_of_anything_is_encoded_and_comes_back(string unit)
    {
        string text = string.Concat(Enumerable.Repeat(unit, 1_000_000 / unit.Length));
        foreach (BpeTokenizer tokenizer in new[] { Loaded.Get("tokenizer-minimind"), PipelineTests.Load("qwen2").Tokenizer, PipelineTests.Load("no pattern").Tokenizer })
        {
            Assert.True(text == tokenizer.Decode(tokenizer.Encode(text)));
            Assert.True(text == tokenizer.Decode(tokenizer.Encode(text, EncodeOptions.Ordinary)));
        }
    }

    [Fact]
    public void A_long_word_takes_memory_in_proportion_to_its_length()
    {
        BpeTokenizer tokenizer = Loaded.Get("tokenizer-gpt2");
        string text = new('a', 10_000_000);
        tokenizer.Count("warm");
        long before = GC.GetAllocatedBytesForCurrentThread();
        tokenizer.Count(text);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        // 10 bytes as UTF-8, 24 for the merges, and as many again where the heap has to grow.
        Assert.InRange(allocated, 0, 500_000_000);
    }

    [Fact]
    public void A_repeated_text_is_encoded_without_allocating()
    {
        BpeTokenizer tokenizer = Loaded.Get("tokenizer-gpt2");
        string text = string.Join(' ', Enumerable.Repeat("Before we proceed any further, hear me speak.", 200));
        tokenizer.Count(text);
        tokenizer.Count(text);
        long before = GC.GetAllocatedBytesForCurrentThread();
        tokenizer.Count(text);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000);
    }

    [Fact]
    public void The_cache_is_bounded()
    {
        WordCache cache = new(4);
        for (int i = 0; i < 1000; i++)
        {
            string word = "word" + i;
            uint hash = WordCache.Hash(word);
            cache.Add(word, hash, [i, i + 1]);
            Assert.True(cache.TryGet(word, hash, out var ids));
            Assert.Equal([i, i + 1], ids.ToArray());
        }

        Assert.InRange(Enumerable.Range(0, 1000).Count(i => cache.TryGet("word" + i, WordCache.Hash("word" + i), out _)), 1, 4);
    }

    [Fact]
    public void Words_with_the_same_hash_are_told_apart()
    {
        WordCache cache = new(16);
        cache.Add("one", 5, [1]);
        Assert.False(cache.TryGet("two", 5, out _));
        Assert.False(cache.TryGet("ones", 5, out _));
        cache.Add("two", 5, [2]);
        Assert.True(cache.TryGet("one", 5, out var one));
        Assert.True(cache.TryGet("two", 5, out var two));
        Assert.Equal((1, 2), (one[0], two[0]));
    }

    [Fact]
    public void Many_threads_get_the_ids_that_one_gets()
    {
        BpeTokenizer tokenizer = BpeTokenizer.FromDirectory(Repository.Fixture("tokenizer-tiny"), new TokenizerOptions { CacheSize = 64 });
        GoldenRow[] rows = [.. GoldenRow.Read("tokenizer-tiny")];
        Parallel.For(0, 16, new ParallelOptions { MaxDegreeOfParallelism = 16 }, worker =>
        {
            for (int i = 0; i < rows.Length; i++)
            {
                GoldenRow row = rows[(i * 7 + worker * 31) % rows.Length];
                Assert.Equal(row.IdsSpecial, tokenizer.Encode(row.Text));
            }
        });
    }
}
