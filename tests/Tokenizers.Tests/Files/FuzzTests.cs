using System.Text;
using System.Text.Json;
using PretrainedTokenizers;
using Tests.Shared;
using Tokenizers.Tests.Support;

namespace Tokenizers.Tests.Files;

/// <summary>Damaged files give a tokenizer or a typed exception, never anything else.</summary>
public sealed class FuzzTests
{
    [Fact]
    public void A_damaged_tokenizer_json_gives_a_tokenizer_or_a_typed_exception()
    {
        byte[] json = Encoding.UTF8.GetBytes(new TestVocabulary("a b", "ab c")
            .With("added_tokens", "[{\"id\":258,\"content\":\"<x>\",\"special\":true,\"lstrip\":true}]")
            .With("post_processor", "{\"type\":\"TemplateProcessing\",\"single\":[{\"SpecialToken\":{\"id\":\"x\",\"type_id\":0}},{\"Sequence\":{\"id\":\"A\"}}],\"special_tokens\":{\"x\":{\"id\":\"x\",\"ids\":[258],\"tokens\":[\"x\"]}}}")
            .Json.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        Check(json, 4000, bytes => TestVocabulary.Load(bytes));
    }

    [Fact]
    public void Damaged_merges_give_a_tokenizer_or_a_typed_exception()
    {
        using TemporaryDirectory directory = new();
        var (vocabulary, merges) = new TestVocabulary("a b", "ab c", "# #").Pair();
        File.WriteAllText(directory["vocab.json"], vocabulary);
        Check(Encoding.UTF8.GetBytes(merges), 300, bytes =>
        {
            File.WriteAllBytes(directory["merges.txt"], bytes);
            return BpeTokenizer.FromDirectory(directory.Path);
        });
    }

    [Fact]
    public void Damaged_configurations_give_a_tokenizer_or_a_typed_exception()
    {
        using TemporaryDirectory directory = new();
        string copy = directory.CopyFixture("tokenizer-tiny");
        foreach (string name in new[] { "tokenizer_config.json", "special_tokens_map.json" })
        {
            byte[] bytes = File.ReadAllBytes(Path.Combine(copy, name));
            Check(bytes, 150, damaged =>
            {
                File.WriteAllBytes(Path.Combine(copy, name), damaged);
                return BpeTokenizer.FromDirectory(copy);
            });
            File.WriteAllBytes(Path.Combine(copy, name), bytes);
        }
    }

    [Fact]
    public void A_damaged_meta_pkl_gives_a_tokenizer_or_a_typed_exception()
    {
        using TemporaryDirectory directory = new();
        Check(File.ReadAllBytes(Path.Combine(Repository.Fixture("tokenizer-char"), "meta.pkl")), 1500, bytes =>
        {
            File.WriteAllBytes(directory["meta.pkl"], bytes);
            return CharTokenizer.FromMeta(directory["meta.pkl"]);
        });
    }

    private static void Check(byte[] original, int rounds, Func<byte[], Tokenizer> load)
    {
        Random random = new(8);
        int refused = 0;
        for (int round = 0; round < rounds; round++)
        {
            byte[] bytes = [.. original];
            int at = random.Next(bytes.Length);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)"{}[]\",:\\0-1 enu\n\xFF"[random.Next(17)];
                    break;
                case 2:
                    bytes = bytes[..at];
                    break;
                default:
                    int end = Math.Min(bytes.Length, at + random.Next(1, 20));
                    bytes = [.. bytes[..at], .. bytes[end..]];
                    break;
            }

            try
            {
                Tokenizer tokenizer = load(bytes);
                _ = tokenizer.Decode([1, 2, 3, 258]);
            }
            catch (TokenizerException e)
            {
                refused++;
                Assert.EndsWith(".", e.Message, StringComparison.Ordinal);
            }
        }

        Assert.InRange(refused, rounds / 10, rounds);
    }
}
