using System.Text.Json;
using PretrainedTokenizers;
using Tests.Shared;

namespace Tokenizers.Tests.Text;

public sealed class CanonicalCompositionTests
{
    [Fact]
    public void Texts_are_normalized_as_ICU_does()
    {
        string[] lines = File.ReadAllLines(Path.Combine(Repository.Fixture("tokenizer-unicode"), "nfc.jsonl"));
        Assert.True(lines.Length > 1400);
        int changed = 0;
        foreach (string line in lines)
        {
            string[] pair = JsonSerializer.Deserialize<string[]>(line)!;
            string? normalized = CanonicalComposition.Normalize(pair[0]);
            changed += normalized is null ? 0 : 1;
            Assert.True(pair[1] == (normalized ?? pair[0]), line);
            Assert.Null(CanonicalComposition.Normalize(pair[1]));
        }

        Assert.InRange(changed, 300, lines.Length);
    }

    [Fact]
    public void A_million_marks_in_a_row_are_sorted_without_taking_quadratic_time()
    {
        string marks = string.Concat(Enumerable.Range(0, 500_000).Select(_ => "\u0301\u0323"));
        string normalized = CanonicalComposition.Normalize("a" + marks)!;
        Assert.Equal(1_000_000, normalized.Length);
        Assert.Equal('\u1EA1', normalized[0]);
        Assert.Equal('\u0323', normalized[499_999]);
        Assert.Equal('\u0301', normalized[500_000]);
    }

    [Fact]
    public void An_inert_character_separates_what_is_normalized()
    {
        string[] lines = File.ReadAllLines(Path.Combine(Repository.Fixture("tokenizer-unicode"), "nfc.jsonl"));
        string[] texts = [.. lines.Select(line => JsonSerializer.Deserialize<string[]>(line)![0])];
        for (int i = 0; i + 1 < texts.Length; i += 2)
        {
            foreach (char c in " x中の\u00e9")
            {
                Assert.True(CanonicalComposition.IsInert(c));
                Assert.Equal(Nfc(texts[i] + c) + Nfc(" " + texts[i + 1]), Nfc(texts[i] + c + " " + texts[i + 1]));
            }
        }
    }

    private static string Nfc(string text) => CanonicalComposition.Normalize(text) ?? text;
}
