using Importer.Mapping.Language;

namespace Importer.Tests.Mapping.Language;

public sealed class ExpressionParserTests
{
    [Theory]
    [InlineData("n_inner|4*D", "n_inner ?? (4*D)")]
    [InlineData("n_positions | n_ctx", "n_positions ?? n_ctx")]
    [InlineData("a ?? b ?? c", "a ?? (b ?? c)")]
    [InlineData("a ?? true == false", "(a ?? true) == false")]
    [InlineData("a || b && !c", "a || (b && !c)")]
    [InlineData("a - b - 1", "(a - b) - 1")]
    [InlineData("a / b * 2", "(a/b)*2")]
    [InlineData("(a + 1) * 2", "(a + 1)*2")]
    [InlineData("model_type in [qwen3, minimind] && qk_norm", "(model_type in [\"qwen3\", \"minimind\"]) && qk_norm")]
    [InlineData("x in [1, 2, 'a b']", "x in [1, 2, \"a b\"]")]
    [InlineData("rope_scaling.factor > 1", "rope_scaling.factor > 1")]
    [InlineData("attention_bias ?? (model_type == \"qwen2\")", "attention_bias ?? (model_type == \"qwen2\")")]
    [InlineData("!!a != null", "!!a != null")]
    public void Reads_operators_by_their_strength(string text, string meaning)
    {
        Expression expression = ExpressionParser.Parse(text);

        Assert.Equal(meaning, expression.ToString());
        Assert.Equal(meaning, ExpressionParser.Parse(meaning).ToString());
    }

    [Theory]
    [InlineData("", "the text ends where a value should be")]
    [InlineData("4*", "the text ends where a value should be")]
    [InlineData("a b", "unexpected 'b' at character 3")]
    [InlineData("(a", "the text ends where ')' should be")]
    [InlineData("a <= b", "'<=' is not in the language")]
    [InlineData("a = b", "'=' at character 3 is not part of the language")]
    [InlineData("a in b", "'[' should be where 'b' is")]
    [InlineData("a in []", "a value should be where ']' is")]
    [InlineData("a in [true]", "a list holds words and whole numbers")]
    [InlineData("a[0]", "unexpected '[' at character 2")]
    [InlineData("1 == 2 == 3", "unexpected '=='")]
    [InlineData("99999999999", "no whole number up to")]
    [InlineData("12ab", "no whole number")]
    [InlineData("1.5", "no whole number")]
    [InlineData("a..b", "is no name")]
    [InlineData("a.", "is no name")]
    [InlineData("'abc", "has no end")]
    [InlineData("a & b", "'&' at character 3")]
    [InlineData("-1", "a value should be where '-' is")]
    [InlineData("in", "a value should be where 'in' is")]
    [InlineData("ä", "not part of the language")]
    public void Says_what_is_no_expression(string text, string reason)
    {
        ExpressionSyntaxException exception = Assert.Throws<ExpressionSyntaxException>(() => ExpressionParser.Parse(text));

        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bounds_depth_length_and_parts()
    {
        Assert.Throws<ExpressionSyntaxException>(() => ExpressionParser.Parse(new string('(', 400) + "a" + new string(')', 400)));
        Assert.Throws<ExpressionSyntaxException>(() => ExpressionParser.Parse(new string('!', 400) + "a"));
        Assert.Throws<ExpressionSyntaxException>(() => ExpressionParser.Parse(string.Join("??", Enumerable.Repeat("a", 300))));
        Assert.Throws<ExpressionSyntaxException>(() => ExpressionParser.Parse(string.Join("+", Enumerable.Repeat("a", 300))));
        Assert.Throws<ExpressionSyntaxException>(() => ExpressionParser.Parse(new string('a', 1001)));
    }

    [Theory]
    [InlineData("n_embd", "begin with a capital")]
    [InlineData("D|4", "unexpected '|'")]
    [InlineData("(D|4)", "cannot be part of a dimension")]
    [InlineData("true", "cannot be part of a dimension")]
    [InlineData("'x'", "cannot be part of a dimension")]
    [InlineData("D==1", "unexpected '=='")]
    public void Takes_only_sizes_for_dimensions(string text, string reason)
    {
        ExpressionSyntaxException exception = Assert.Throws<ExpressionSyntaxException>(() => ExpressionParser.ParseDimension(text));

        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }
}
