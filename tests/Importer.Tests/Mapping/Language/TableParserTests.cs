using System.Text;
using Importer.Mapping;
using Importer.Mapping.Problems;
using Tests.Shared;

namespace Importer.Tests.Mapping.Language;

public sealed class TableParserTests
{
    [Fact]
    public void Reads_a_table_with_comments_a_byte_order_mark_and_trailing_commas()
    {
        string text = "// first\n" + Tables.Text(extra: "/* title */ \"title\": \"A\",") + "\n";
        byte[] utf8 = [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(text)];

        WeightMapping mapping = WeightMapping.Parse(utf8, "test.json");

        Assert.Equal(("test", "1.0", "A"), (mapping.Family, mapping.Version, mapping.Title));
        Assert.Equal(64, mapping.Sha256.Length);
        Assert.False(mapping.IsImportedLayout);
    }

    [Theory]
    [InlineData("", 1, "not valid JSON")]
    [InlineData("{", 1, "not valid JSON")]
    [InlineData("[]", 1, "an object should be here, not a list")]
    [InlineData("{} {}", 1, "not valid JSON")]
    [InlineData("{\n  \"schema\": nul\n}", 2, "not valid JSON")]
    [InlineData("{\"schema\": \"llmap/2\"}", 1, "another language")]
    [InlineData("{\"a\": [[[[[[[[[[1]]]]]]]]]]}", 1, "not valid JSON")]
    [InlineData("{\"schema\": \"\\ud800\"}", 1, "half of a surrogate pair")]
    public void Refuses_what_is_no_document_of_the_language(string text, int line, string reason)
    {
        IReadOnlyList<TableProblem> problems = Tables.Check(text);

        Assert.Contains(problems, problem => problem.Line == line && problem.Text.Contains(reason, StringComparison.Ordinal));
    }

    [Fact]
    public void Refuses_text_that_is_not_UTF8_or_too_long()
    {
        Assert.Contains("not UTF-8", Assert.Single(WeightMapping.Check([0x7B, 0xFF, 0x7D], "t")).Text, StringComparison.Ordinal);
        Assert.Contains("larger than", Assert.Single(WeightMapping.Check(new byte[(1 << 20) + 1], "t")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_what_is_dropped_may_be_of_any_size()
    {
        Assert.Empty(Tables.Check(Tables.Text(drop: """{ "key": "a.{i}.buffer", "shape": "1 * F", "optional": true }""")));

        TableProblem problem = Tables.TheProblem(Tables.Text(map: """["a.{i}.weight", "a.{i}.weight", "D *"]""", config: """ "L": "n_layer", "D": "d" """));
        Assert.Contains("'*'", problem.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Reports_every_error_at_once_with_line_and_column()
    {
        const string Text = """
            {
              "schema": "llmap/1",
              "family": "Test!",
              "colour": "red",
              "version": 1,
              "detect": { "has": [] },
              "config": { "d": "n_embd", "D": "n_embd +", "E": "X" },
              "index": { "i": "L", "J": "D" },
              "set": { "s": ["a", "a"] },
              "prefix": ["x"],
              "map": [
                ["only two", "parts"],
                ["a", "b", "D", "turn"],
                ["a", "b", "D", { "as": "square" }]
              ],
              "tie": [{ "target": "x" }],
              "drop": [{ "key": "k", "shape": "", "is": "triu" }]
            }
            """;

        IReadOnlyList<TableProblem> problems = Tables.Check(Text);

        (int Line, string Reason)[] expected =
        [
            (3, "a family's name"), (4, "unknown property 'colour'"), (5, "a string should be here, not a number"), (6, "at least one key"),
            (7, "a symbol begins with a capital"), (7, "the text ends where a value should be"), (7, "'X' is not defined"),
            (8, "a variable begins with a small letter"), (9, "each once"), (10, "ends with a dot"), (12, "a rule is a list"),
            (13, "the operation 'turn' is unknown"), (14, "'square' is unknown"), (16, "\"to\" is missing"), (17, "'triu' is unknown"),
        ];
        foreach ((int line, string reason) in expected)
        {
            Assert.Contains(problems, problem => problem.Line == line && problem.Reason.Contains(reason, StringComparison.Ordinal));
        }

        Assert.Equal(expected.Length, problems.Count);
        TableProblem colour = problems.Single(problem => problem.Reason.Contains("colour", StringComparison.Ordinal));
        Assert.Equal((4, 3), (colour.Line, colour.Column));
        Assert.StartsWith("test.json(4,3): ", colour.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("schema")]
    [InlineData("family")]
    [InlineData("version")]
    [InlineData("detect")]
    [InlineData("map")]
    public void Misses_what_every_table_has(string property)
    {
        string text = Tables.Text().Replace($"\"{property}\":", "\"title\":", StringComparison.Ordinal);

        Assert.Contains(Tables.Check(text), problem => problem.Reason.Contains($"\"{property}\" is missing", StringComparison.Ordinal));
    }

    [Fact]
    public void Refuses_a_property_that_is_there_twice()
    {
        string text = Tables.Text(extra: "\"title\": \"a\", \"title\": \"b\",");

        Assert.Contains("'title' is there twice", Tables.TheProblem(text).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(""" { "target": "a.0.weight", "to": "a.0.weight", "source": "^x", "if_present": "ignore" } """, "only \"must_equal\"")]
    [InlineData(""" { "target": "x", "to": "a.0.weight", "if_present": "must_equal" } """, "there is none")]
    [InlineData(""" { "target": "x", "to": "a.0.weight", "source": "^x" } """, "\"if_present\" is missing")]
    [InlineData(""" { "target": "{i}", "to": "a.0.weight" } """, "{i} is not in the source")]
    [InlineData(""" { "target": "x", "to": "a.0.weight", "when": "Z" } """, "'Z' is not defined")]
    [InlineData(""" { "target": 3, "to": "a.0.weight" } """, "a string should be here")]
    [InlineData("3", "an object should be here")]
    public void Refuses_a_tie_that_means_nothing(string tie, string reason) =>
        Assert.Contains(Tables.Check(Tables.Text(tie: tie)), problem => problem.Reason.Contains(reason, StringComparison.Ordinal));

    [Theory]
    [InlineData(""" ["a.{i}.weight", "a.{i}.weight", "D n_embd"] """, "begin with a capital")]
    [InlineData(""" ["a.{i}.weight", "a.{i}.weight", "Q"] """, "'Q' is not defined")]
    [InlineData(""" ["a.{i}.weight", "a.{i}.weight", "D D D D D D D D D"] """, "at most 8 dimensions")]
    [InlineData(""" ["a.{i}.weight", "a.{i}.weight", "D F", "t", {}] """, "a rule is a list")]
    [InlineData(""" ["a.{i}.weight", "a.{i}.weight", "D F", 3] """, "an object should be here, not a number")]
    [InlineData(""" ["a.{i}.weight", "a.{i}.weight", "D F", { "ops": "t" }] """, "unknown property 'ops'")]
    [InlineData(""" ["a.{i}.weight", "a.{i}.weight", "D F", { "when": "a ==" }] """, "the text ends")]
    [InlineData(""" [{ }, "a.{i}.weight", "D F"] """, "a string should be here, not an object")]
    [InlineData(""" "a.{i}.weight" """, "a rule is a list")]
    public void Refuses_a_rule_that_means_nothing(string map, string reason) =>
        Assert.Contains(Tables.Check(Tables.Text(map: map)), problem => problem.Reason.Contains(reason, StringComparison.Ordinal));

    [Fact]
    public void Throws_all_problems_with_a_remedy()
    {
        MappingTableException exception = Assert.Throws<MappingTableException>(() => Tables.Parse(Tables.Text(extra: "\"a\": 1, \"b\": 2,")));

        Assert.Equal(2, exception.Problems.Count);
        Assert.Equal("test.json", exception.Table);
        Assert.Contains("'a'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("'b'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("mappings/README.md", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Escapes_what_a_file_says_in_messages()
    {
        TableProblem problem = Tables.TheProblem(Tables.Text(extra: "\"x\\u202e\\n\\u001b[31m\": 1,"));

        Assert.DoesNotContain(problem.Text, c => char.IsControl(c) || c == '\u202e');
        Assert.Contains("\\u202e", problem.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Loads_from_a_file_and_lets_the_system_say_that_there_is_none()
    {
        using TemporaryDirectory directory = new();
        string path = directory["mine.json"];
        Assert.Throws<FileNotFoundException>(() => WeightMapping.Load(path));
        File.WriteAllText(path, Tables.Text());

        Assert.Equal(path, WeightMapping.Load(path).SourceName);

        File.WriteAllBytes(path, new byte[2 << 20]);
        Assert.Throws<MappingTableException>(() => WeightMapping.Load(path));
    }
}
