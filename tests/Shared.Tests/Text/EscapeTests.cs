using SharedSource.Text;

namespace SharedSource.Tests.Text;

public sealed class EscapeTests
{
    [Theory]
    [InlineData("h.0.attn/c_attn", "\"h.0.attn/c_attn\"")]
    [InlineData("生 é 😀", "\"生 é 😀\"")]
    [InlineData("a\"b\\c", "\"a\\\"b\\\\c\"")]
    [InlineData("\u001b[31m\n\u202e\u200b", "\"\\u001B[31m\\u000A\\u202E\\u200B\"")]
    [InlineData("\U000E0001", "\"\\U000E0001\"")]
    public void What_could_move_a_cursor_or_hide_other_text_is_escaped(string text, string expected) => Assert.Equal(expected, Escape.Quote(text));

    [Fact]
    public void Half_of_a_surrogate_pair_is_escaped() => Assert.Equal("\"\\uD800x\"", Escape.Quote("\ud800x"));

    [Fact]
    public void A_long_text_is_cut() =>
        Assert.Equal($"\"{new string('x', 200)}\"… (1000 characters)", Escape.Quote(new string('x', 1000)));
}
