using Importer.Generation;

namespace Importer.Tests.Generation;

public sealed class StopStringMatcherTests
{
    [Theory]
    [InlineData("one|two", "1one2", "1", true)]
    [InlineData("abab", "aabaabab", "aaba", true)]
    [InlineData("aab", "aaab", "a", true)]
    [InlineData("abc|b", "xabc", "xa", true)] // "b" is complete first
    [InlineData("end", "the en", "the en", false)]
    [InlineData("", "text", "text", false)]
    public void A_text_in_single_characters_ends_before_the_first_stop_string(string stops, string text, string expected, bool found)
    {
        var matcher = new StopStringMatcher(stops.Split('|', StringSplitOptions.RemoveEmptyEntries));
        string result = string.Concat(text.Select(character => matcher.Append(character.ToString())));

        Assert.Equal(found, matcher.IsFound);
        Assert.Equal(expected, found ? result : result + matcher.Flush());
    }

    [Fact]
    public void However_a_text_is_cut_the_result_is_that_of_the_whole()
    {
        var random = new Random(5);
        for (int round = 0; round < 3000; round++)
        {
            string text = Letters(random, 20);
            string[] stops = [Letters(random, random.Next(1, 4)), Letters(random, random.Next(1, 4))];
            var matcher = new StopStringMatcher(stops);
            string result = "";
            for (int i = 0; i < text.Length;)
            {
                int length = Math.Min(random.Next(1, 5), text.Length - i);
                result += matcher.Append(text.Substring(i, length));
                i += length;
            }

            result += matcher.IsFound ? "" : matcher.Flush();
            // No stop string is in what was let through, and with nothing found it is the whole.
            Assert.DoesNotContain(stops, stop => result.Contains(stop, StringComparison.Ordinal));
            Assert.StartsWith(result, text, StringComparison.Ordinal);
            Assert.Equal(stops.Any(stop => text.Contains(stop, StringComparison.Ordinal)), matcher.IsFound);
            Assert.True(matcher.IsFound || result == text);
        }
    }

    [Fact]
    public void Text_that_cannot_become_a_stop_string_is_not_held_back()
    {
        var matcher = new StopStringMatcher(["\n\n", "END"]);
        Assert.Equal("line", matcher.Append("line\n"));
        Assert.Equal("\nnext", matcher.Append("next"));
        Assert.Equal("", matcher.Append("EN"));
        Assert.Equal("ENC", matcher.Append("C"));
    }

    private static string Letters(Random random, int length) => string.Concat(Enumerable.Range(0, length).Select(_ => (char)('a' + random.Next(2))));
}
