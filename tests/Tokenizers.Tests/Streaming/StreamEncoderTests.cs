using System.Text;
using PretrainedTokenizers;
using Tests.Shared;
using Tokenizers.Tests.Golden;
using Tokenizers.Tests.Support;

namespace Tokenizers.Tests.Streaming;

/// <summary>A stream's ids are the whole text's, wherever the text is cut.</summary>
public sealed class StreamEncoderTests
{
    public static TheoryData<string> Pipelines => PipelineTests.Names;

    public static TheoryData<string> Names => [.. Loaded.Names];

    [Theory]
    [MemberData(nameof(Pipelines))]
    public void Every_setting_gives_the_ids_of_the_whole_text(string name)
    {
        var (tokenizer, rows) = PipelineTests.Load(name);
        string[] texts = [.. rows.Select(row => row.Text)];
        Random random = new(5);
        for (int round = 0; round < 40; round++)
        {
            StringBuilder text = new();
            while (text.Length < 3000)
            {
                text.Append(texts[random.Next(texts.Length)]).Append(random.Next(4) == 0 ? " " : "");
            }

            Check(tokenizer, text.ToString(), random, EncodeOptions.Default);
            Check(tokenizer, text.ToString(), random, EncodeOptions.Ordinary);
            Check(tokenizer, text.ToString(), random, new EncodeOptions { AddedTokens = AddedTokenHandling.SpecialAsText });
        }
    }

    [Theory]
    [MemberData(nameof(Pipelines))]
    public void Every_boundary_by_itself_changes_nothing(string name)
    {
        var (tokenizer, rows) = PipelineTests.Load(name);
        int boundaries = 0;
        foreach (var (text, ids) in rows.Where(row => row.Text.Length > 2))
        {
            for (int at = tokenizer.LastBoundary(text, 0, EncodeOptions.Default); at > 0; at = tokenizer.LastBoundary(text.AsSpan(0, at + 1), 0, EncodeOptions.Default))
            {
                boundaries++;
                Assert.Equal(ids, Part(tokenizer, text[..at], TextPart.First).Concat(Part(tokenizer, text[at..], TextPart.Last)));
            }
        }

        Assert.True(boundaries > 10 || name.StartsWith("no pattern", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Golden_texts_give_the_same_ids_through_buffers_of_every_size(string name)
    {
        BpeTokenizer tokenizer = Loaded.Get(name);
        string text = string.Join(' ', GoldenRow.Read(name == "tokenizer-gpt2-json" ? "tokenizer-gpt2" : name).Select(row => row.Text));
        Random random = new(6);
        foreach (int size in new[] { 2, 3, 16, 100, 1000, 4096, 1 << 16 })
        {
            Check(tokenizer, text, random, EncodeOptions.Default, size);
        }
    }

    [Fact]
    public async Task Reading_asynchronously_gives_the_same_blocks()
    {
        BpeTokenizer tokenizer = Loaded.Get("tokenizer-gpt2");
        string text = string.Concat(Enumerable.Repeat("Before we proceed any further, hear me speak. 生命的意义是什么?\n", 5000));
        List<int> ids = [];
        long characters = 0;
        int blocks = 0;
        await foreach (TokenBlock block in tokenizer.EncodeBlocksAsync(new StringReader(text)))
        {
            ids.AddRange(block.Ids.Span);
            Assert.True(block.Characters >= characters);
            characters = block.Characters;
            blocks++;
        }

        Assert.Equal(tokenizer.Encode(text), ids);
        Assert.Equal(text.Length, characters);
        Assert.True(blocks > 3);
    }

    [Fact]
    public async Task A_cancelled_stream_ends_with_the_cancellation()
    {
        using CancellationTokenSource source = new();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (TokenBlock _ in Loaded.Get("tokenizer-tiny").EncodeBlocksAsync(new StringReader("some text"), null, source.Token))
            {
            }
        });
    }

    [Fact]
    public void An_empty_stream_has_the_ids_of_the_empty_text()
    {
        BpeTokenizer tokenizer = PipelineTests.Load("llama 3").Tokenizer;
        Assert.Equal([656], tokenizer.EncodeBlocks(new StringReader("")).SelectMany(block => block.Ids.ToArray()));
        Assert.Equal([656], tokenizer.Encode(""));
    }

    [Fact]
    public void A_word_longer_than_the_limit_is_refused_with_the_limits_name()
    {
        BpeTokenizer tokenizer = BpeTokenizer.FromDirectory(
            Repository.Fixture("tokenizer-tiny"), new TokenizerOptions { Limits = new TokenizerLimits { MaxStreamBuffer = 1 << 17 } });
        var e = Assert.Throws<TokenizerLimitException>(() => tokenizer.EncodeBlocks(new StringReader(new string('a', 1 << 18))).Count());
        Assert.Equal(nameof(TokenizerLimits.MaxStreamBuffer), e.LimitName);
        Assert.Contains("raise TokenizerLimits.MaxStreamBuffer", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_stream_takes_bounded_memory()
    {
        BpeTokenizer tokenizer = Loaded.Get("tokenizer-gpt2");
        int read = 0;
        using Repeated reader = new("Before we proceed any further, hear me speak.\n", 20_000_000);
        foreach (TokenBlock block in tokenizer.EncodeBlocks(reader))
        {
            Assert.InRange(block.Ids.Length, 0, 1 << 16);
            read += block.Ids.Length;
        }

        Assert.True(read > 4_000_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        using Repeated again = new("Before we proceed any further, hear me speak.\n", 20_000_000);
        Assert.Equal(read, tokenizer.EncodeBlocks(again).Sum(block => block.Ids.Length));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    private static void Check(Tokenizer tokenizer, string text, Random random, EncodeOptions options, int? size = null)
    {
        using Portions reader = new(text, random);
        StreamEncoder encoder = new(tokenizer, options, size ?? random.Next(2, 400));
        List<int> ids = [];
        foreach (TokenBlock block in encoder.Encode(reader))
        {
            ids.AddRange(block.Ids.Span);
        }

        Assert.Equal(tokenizer.Encode(text, options), ids);
    }

    private static int[] Part(Tokenizer tokenizer, string text, TextPart part)
    {
        System.Buffers.ArrayBufferWriter<int> ids = new();
        IdWriter writer = new(ids);
        tokenizer.EncodePart(text, EncodeOptions.Default, part, ref writer);
        writer.Flush();
        return ids.WrittenSpan.ToArray();
    }

    /// <summary>Gives its text in portions of random size.</summary>
    private sealed class Portions(string text, Random random) : TextReader
    {
        private int _at;

        public override int Read(char[] buffer, int index, int count)
        {
            int length = Math.Min(Math.Min(count, random.Next(1, 200)), text.Length - _at);
            text.CopyTo(_at, buffer, index, length);
            _at += length;
            return length;
        }
    }

    private sealed class Repeated(string text, int length) : TextReader
    {
        private int _at;

        public override int Read(char[] buffer, int index, int count)
        {
            int end = Math.Min(length, _at + count);
            int start = _at;
            for (; _at < end; _at++)
            {
                buffer[index + _at - start] = text[_at % text.Length];
            }

            return end - start;
        }
    }
}
