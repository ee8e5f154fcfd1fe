using System.Text;
using FsCheck;
using FsCheck.Fluent;
using PretrainedTokenizers;
using Tokenizers.Tests.Support;

namespace Tokenizers.Tests.Properties;

public sealed class RoundTripTests
{
    private static readonly Gen<string> AnyRune = Gen.OneOf(
        Gen.Choose(0, 0x7F), Gen.Choose(0x80, 0x7FF), Gen.Choose(0x800, 0xD7FF), Gen.Choose(0xE000, 0xFFFF), Gen.Choose(0x10000, 0x10FFFF))
        .Select(c => new Rune(c).ToString());

    private static readonly Gen<string> Fragment = Gen.Elements(
        " ", "  ", "\n", "\r\n", "the", " The", "'s", "'LL", "don't", "12", "中文", "，", "é", "e\u0301", "<|endoftext|>", "<|im_start|>", "<|", "|>", "😀", "\u00a0", "\0");

    /// <summary>Any text that is valid Unicode: runes of every length in UTF-8, and what tokenizers look for.</summary>
    private static readonly Arbitrary<string> Texts = Gen.Frequency((2, AnyRune), (3, Fragment)).ListOf().Select(parts => string.Concat(parts)).ToArbitrary();

    public static TheoryData<string> Names => [.. Loaded.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_text_comes_back(string name)
    {
        BpeTokenizer tokenizer = Loaded.Get(name);
        Prop.ForAll(Texts, text =>
            tokenizer.Decode(tokenizer.Encode(text)) == text
            && tokenizer.Decode(tokenizer.Encode(text, EncodeOptions.Ordinary)) == text
            && tokenizer.Count(text) == tokenizer.Encode(text).Length).QuickCheckThrowOnFailure();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Decoding_one_by_one_gives_what_decoding_at_once_gives(string name)
    {
        BpeTokenizer tokenizer = Loaded.Get(name);
        var ids = Gen.Choose(-1, tokenizer.VocabularySize + 1).ListOf().ToArbitrary();
        Prop.ForAll(ids, list =>
        {
            int[] all = [.. list];
            StreamingDecoder decoder = tokenizer.CreateDecoder();
            return string.Concat(all.Select(decoder.Append)) + decoder.Flush() == tokenizer.Decode(all);
        }).QuickCheckThrowOnFailure();
        Prop.ForAll(Texts, text =>
        {
            StreamingDecoder decoder = tokenizer.CreateDecoder();
            StringBuilder result = new();
            foreach (int id in tokenizer.Encode(text))
            {
                string part = decoder.Append(id);
                result.Append(part);

                // No character comes in two parts.
                if (part.Length > 0 && (char.IsLowSurrogate(part[0]) || char.IsHighSurrogate(part[^1])))
                {
                    return false;
                }
            }

            return decoder.Flush().Length == 0 && result.ToString() == text;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void The_bytes_of_every_token_of_a_vocabulary_are_found_again()
    {
        BpeTokenizer tokenizer = Loaded.Get("tokenizer-gpt2");
        for (int id = 0; id < tokenizer.VocabularySize; id++)
        {
            Assert.Equal(id, tokenizer.GetId(tokenizer.GetToken(id)!));
            Assert.False(tokenizer.GetTokenBytes(id).IsEmpty);
        }

        Assert.Equal(50257, tokenizer.VocabularySize);
        Assert.Null(tokenizer.GetToken(50257));
        Assert.Null(tokenizer.GetToken(-1));
        Assert.Null(tokenizer.GetId("no such token"));
        Assert.Equal("Ġthe", tokenizer.GetToken(262));
        Assert.Equal(" the"u8.ToArray(), tokenizer.GetTokenBytes(262).ToArray());
    }
}
