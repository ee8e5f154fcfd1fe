using FsCheck;
using FsCheck.Fluent;
using Importer.Mapping.Checks;
using Importer.Mapping.Language;

namespace Importer.Tests.Mapping.Checks;

public sealed class NameAutomatonTests
{
    private static readonly Dictionary<string, TemplateVariable> Known = new()
    {
        ["i"] = TemplateVariable.Index("i", ExpressionParser.ParseDimension("L")),
        ["s"] = TemplateVariable.Set("s", ["a", "ab", "1", "10"]),
    };

    private static readonly Gen<string> Templates =
        from count in Gen.Choose(1, 4)
        from parts in Gen.Elements("a", "b", "1", "0", ".", "{i}", "{s}").ArrayOf(count)
        select string.Concat(parts.SelectMany((part, i) => i > 0 && part[0] == '{' && parts[i - 1][0] == '{' ? [".", part] : new[] { part }));

    [Fact]
    public void Finds_a_common_name_exactly_where_trying_them_finds_one() =>
        Prop.ForAll(Arb.From(Templates), Arb.From(Templates), (first, second) =>
        {
            (NameAutomaton one, HashSet<string> ones) = Build(first);
            (NameAutomaton other, HashSet<string> others) = Build(second);
            string? common = one.Common(other);

            if (common is null)
            {
                Assert.False(ones.Overlaps(others), $"{first} and {second} both make {ones.Intersect(others).FirstOrDefault()}");
            }
            else
            {
                Assert.True(Matches(first, common) && Matches(second, common), $"{first} and {second} do not both make {common}");
            }
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Reads_the_prefix_as_a_part_of_the_name()
    {
        TemplateParser parser = new(Known);
        Template template = parser.ParseSource("h.{i}");

        Assert.Equal("p.h.0", new NameAutomaton("p.", template, parser.Variables).Common(Build("p.h.{i}").Automaton));
        Assert.Null(new NameAutomaton("q.", template, parser.Variables).Common(Build("p.h.{i}").Automaton));
    }

    private static (NameAutomaton Automaton, HashSet<string> Names) Build(string text)
    {
        TemplateParser parser = new(Known);
        Template template = parser.ParseSource(text);
        HashSet<string> names = new(StringComparer.Ordinal);
        char[] buffer = new char[32];
        foreach (int[] values in Counting.Over([.. parser.Variables.Select(variable => variable.Words?.Count ?? 111)]))
        {
            names.Add(new string(buffer, 0, template.Write(ref buffer, "", parser.Variables, values)));
        }

        return (new NameAutomaton("", template, parser.Variables), names);
    }

    private static bool Matches(string text, string name)
    {
        // A variable that occurs twice has one value in a name; the automaton takes the two for different ones, which errs on the safe side.
        TemplateParser parser = new(Known);
        string[] parts = text.Split('{', '}');
        string once = string.Concat(parts.Select((part, i) => i % 2 == 0 ? part : part == "s" ? $"{{s{i}:a,ab,1,10}}" : $"{{i{i}}}"));
        Dictionary<string, TemplateVariable> known = Enumerable.Range(0, parts.Length).ToDictionary(
            i => $"i{i}", i => TemplateVariable.Index($"i{i}", ExpressionParser.ParseDimension("L")));
        parser = new TemplateParser(known);
        Template template = parser.ParseSource(once);
        return MatchesSomehow(template, parser.Variables, name);
    }

    private static bool MatchesSomehow(Template template, IReadOnlyList<TemplateVariable> variables, string name)
    {
        HashSet<string> reached = [""];
        foreach (TemplatePart part in template.Parts)
        {
            IEnumerable<string> choices = part.Literal is { } literal ? [literal]
                : variables[part.Variable].Words ?? [.. Enumerable.Range(0, 1200).Select(i => i.ToString(System.Globalization.CultureInfo.InvariantCulture))];
            reached = [.. reached.SelectMany(before => choices.Select(choice => before + choice)).Where(before => name.StartsWith(before, StringComparison.Ordinal))];
        }

        return reached.Contains(name);
    }
}
