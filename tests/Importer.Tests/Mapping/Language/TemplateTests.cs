using Importer.Mapping.Language;

namespace Importer.Tests.Mapping.Language;

public sealed class TemplateTests
{
    private static readonly Dictionary<string, TemplateVariable> Known = new()
    {
        ["i"] = TemplateVariable.Index("i", ExpressionParser.ParseDimension("L")),
        ["wb"] = TemplateVariable.Set("wb", ["weight", "bias"]),
    };

    [Fact]
    public void Stands_for_every_choice_of_its_variables()
    {
        TemplateParser parser = new(Known);
        Template template = parser.ParseSource("h.{i}.ln_{n:1,2}.{wb}");

        string[] names = [.. Counting.Over([2, 2, 2]).Select(values => Name(template, parser.Variables, values))];

        Assert.Equal(
            ["h.0.ln_1.weight", "h.0.ln_1.bias", "h.0.ln_2.weight", "h.0.ln_2.bias",
                "h.1.ln_1.weight", "h.1.ln_1.bias", "h.1.ln_2.weight", "h.1.ln_2.bias"],
            names);
    }

    [Theory]
    [InlineData("h.0.ln_1.weight", "0,0,0")]
    [InlineData("h.41.ln_2.bias", "41,1,1")]
    [InlineData("h.007.ln_2.bias", null)]
    [InlineData("h..ln_2.bias", null)]
    [InlineData("h.-1.ln_2.bias", null)]
    [InlineData("h.1.ln_3.bias", null)]
    [InlineData("h.1.ln_2.biases", null)]
    [InlineData("h.99999999999999999999.ln_2.bias", null)]
    [InlineData("", null)]
    public void Recognises_its_own_names(string name, string? expected)
    {
        TemplateParser parser = new(Known);
        Template template = parser.ParseSource("h.{i}.ln_{n:1,2}.{wb}");
        int[] values = new int[3];

        Assert.Equal(expected is not null, template.TryMatch(name, parser.Variables, values));
        if (expected is not null)
        {
            Assert.Equal(expected, string.Join(',', values));
        }
    }

    [Fact]
    public void Recognises_a_variable_that_occurs_twice_only_with_one_value()
    {
        TemplateParser parser = new(Known);
        Template template = parser.ParseSource("h.{i}.copy.{i}");

        Assert.True(template.TryMatch("h.12.copy.12", parser.Variables, new int[1]));
        Assert.False(template.TryMatch("h.12.copy.13", parser.Variables, new int[1]));
    }

    [Theory]
    [InlineData("", "1 to 512 characters")]
    [InlineData("^", "1 to 512 characters")]
    [InlineData("h.{i", "no partner")]
    [InlineData("h.i}", "no partner")]
    [InlineData("h.{}", "is no variable")]
    [InlineData("h.{I}", "is no variable")]
    [InlineData("h.{x}", "neither in \"index\" nor in \"set\"")]
    [InlineData("h.{i}{wb}", "text between the variables")]
    [InlineData("h.{i:1,2}", "has a meaning already")]
    [InlineData("h.{n:1,2}.{n:1,2}", "has a meaning already")]
    [InlineData("h.{n:1,1}", "each once")]
    [InlineData("h.{n:}", "is no word")]
    [InlineData("h.{n:a,b-c}", "is no word")]
    [InlineData("h.{{i}}", "is no variable")]
    public void Says_what_is_no_template(string text, string reason)
    {
        ExpressionSyntaxException exception = Assert.Throws<ExpressionSyntaxException>(() => new TemplateParser(Known).ParseSource(text));

        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("h.{i}", "a.{i}.{wb}", "{wb} is not in the source")]
    [InlineData("h.{i}.{wb}", "a.{i}", "{wb} is missing")]
    [InlineData("h.{n:1,2}", "a.{n:1,2}", "write {n} here")]
    public void Binds_a_target_to_the_variables_of_its_source(string source, string target, string reason)
    {
        TemplateParser parser = new(Known);
        parser.ParseSource(source);

        ExpressionSyntaxException exception = Assert.Throws<ExpressionSyntaxException>(() => parser.ParseTarget(target));

        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lets_a_target_leave_out_a_set_of_one_word()
    {
        TemplateParser parser = new(Known);
        parser.ParseSource("layers.{i}.{p:q}_proj.weight");

        Assert.Equal("blocks.{i}.attn.q.weight", parser.ParseTarget("blocks.{i}.attn.q.weight").Text);
    }

    [Fact]
    public void Grows_its_buffer_for_long_names()
    {
        TemplateParser parser = new(Known);
        Template template = parser.ParseSource(new string('x', 500) + ".{i}");
        char[] buffer = [];

        int length = template.Write(ref buffer, new string('p', 900), parser.Variables, [2147483647]);

        Assert.Equal(900 + 500 + 1 + 10, length);
        Assert.EndsWith("x.2147483647", new string(buffer, 0, length), StringComparison.Ordinal);
    }

    private static string Name(Template template, IReadOnlyList<TemplateVariable> variables, int[] values)
    {
        char[] buffer = new char[4];
        int length = template.Write(ref buffer, "", variables, values);
        return new string(buffer, 0, length);
    }
}
