using System.Globalization;
using PretrainedTokenizers;
using Tests.Shared;

namespace Tokenizers.Tests.Text;

/// <summary>The classes of code points, held against what Oniguruma has. A .NET with a newer Unicode may know letters that Oniguruma does not.</summary>
public sealed class CharClassTests
{
    private static readonly ILookup<string, (int First, int Last)> Ranges = File.ReadLines(Path.Combine(Repository.Fixture("tokenizer-unicode"), "classes.txt"))
        .Select(line => line.Split(' '))
        .ToLookup(parts => parts[0], parts => (Hex(parts[1]), Hex(parts[2])));

    [Theory]
    [InlineData("L", CharClass.Letter, 141_028)]
    [InlineData("N", CharClass.Number, 1_911)]
    [InlineData("S", CharClass.Space, 25)]
    public void Classes_are_those_of_the_reference_engine(string name, byte kind, int count)
    {
        HashSet<int> expected = Expand(name);
        HashSet<int> assigned = Expand("Assigned");
        Assert.Equal(count, expected.Count);
        for (int c = 0; c < 0x110000; c++)
        {
            if (c is >= 0xD800 and < 0xE000)
            {
                continue;
            }

            bool actual = (CharClass.At(char.ConvertFromUtf32(c), 0, out int length) & kind) != 0;
            Assert.Equal(c > char.MaxValue ? 2 : 1, length);
            if (assigned.Contains(c))
            {
                Assert.True(expected.Contains(c) == actual, $"U+{c:X4}");
            }
        }
    }

    [Theory]
    [InlineData("\u001C")]
    [InlineData("\u180E")]
    [InlineData("\u200B")]
    [InlineData("\uFEFF")]
    public void What_other_engines_take_for_white_space_is_none(string text) => Assert.Equal(0, CharClass.At(text, 0, out _) & CharClass.Space);

    [Fact]
    public void Half_a_pair_is_in_no_class()
    {
        foreach (string text in new[] { "\uD83D", "\uDE00x", "\uD83Dx", "\uDE00\uD83D" })
        {
            Assert.Equal(0, CharClass.At(text, 0, out int length));
            Assert.Equal(1, length);
        }
    }

    private static HashSet<int> Expand(string name) => [.. Ranges[name].SelectMany(range => Enumerable.Range(range.First, range.Last - range.First + 1))];

    private static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
