using Importer.Mapping.Problems;

namespace Importer.Tests.Mapping.Checks;

/// <summary>Each thing that is proved of a table: a table that has it wrong is refused, and the one beside it passes.</summary>
public sealed class StaticCheckTests
{
    [Fact]
    public void Passes_a_table_without_faults() => Assert.Empty(Tables.Check(Tables.Text()));

    [Theory]
    [InlineData("""["a.{i}.weight", "a.{i}.weight", "D D"]""", false)]
    [InlineData("""["a.{i}.weight", "a.{i}.weight", "D D", "t"]""", true)]
    [InlineData("""["a.{i}.weight", "a.{i}.weight", "D D", { "as": "linear" }]""", true)]
    [InlineData("""["a.{i}.weight", "a.{i}.weight", "3*D D+D+D"]""", false)]
    [InlineData("""["a.{i}.weight", "a.{i}.weight", "H*Dh D"]""", false)]
    [InlineData("""["a.{i}.weight", "a.{i}.weight", "H*Dh D", { "as": "linear" }]""", true)]
    [InlineData("""["a.{i}.weight", "a.{i}.weight", "H*Dh 2*D"]""", true)]
    [InlineData("""["a.{i}.weight", "a.{i}.weight", "D Dh"]""", true)]
    public void A_square_matrix_says_which_layout_it_has(string map, bool passes)
    {
        string text = Tables.Text(map: map, config: """ "L": "n_layer", "D": "d", "H": "h", "Dh": "head_dim | D/H" """);
        TableProblem[] problems = [.. Tables.Check(text).Where(problem => problem.Reason.Contains("square", StringComparison.Ordinal))];

        Assert.Equal(passes, problems.Length == 0);
        Assert.All(problems, problem => Assert.Equal("map[0]", problem.Path));
    }

    [Theory]
    [InlineData("""["a.{i}.weight", "a.{i}.weight", "D", "t"]""", "this tensor has 1")]
    [InlineData("""["a.{i}.weight", "a.{i}.weight", "D F D", "t"]""", "this tensor has 3")]
    [InlineData("""["a.{i}.weight", "a.{i}.weight", "D F D", { "as": "linear" }]""", "is for a matrix")]
    [InlineData("""["a.{i}.weight", "a.{i}.weight", "D F", { "op": "t", "as": "linear" }]""", "is for a matrix")]
    [InlineData("""["a.{i}.weight", "a.{i}.weight", "D 0*F"]""", "dimensions are positive")]
    [InlineData("""["a.{i}.weight", "a.{i}.weight", "D B"]""", "'B' is not a whole number")]
    [InlineData("""["a.{i}.weight", "a.{i}.weight", "D F", { "when": "D + 1" }]""", "is not true or false")]
    [InlineData("""["a.{i}.weight", "a.{i}.weight", "D F", { "when": "F == 'x'" }]""", "values of different types")]
    public void Operations_and_types_fit(string map, string reason)
    {
        string text = Tables.Text(map: map, config: """ "L": "n_layer", "D": "d", "F": "4*D", "B": "b ?? true" """);

        Assert.Contains(Tables.Check(text), problem => problem.Reason.Contains(reason, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""["x", ["y", "z"], "3*D", "split 0 [D, 2*D]"]""", null)]
    [InlineData("""["x", ["y", "z"], "3*D", "split 0 [D, D]"]""", "the pieces of 'split' come to '2*D', the dimension is '3*D'")]
    [InlineData("""["x", ["y", "z"], "3*D", "split 0 [D, D, D]"]""", "'split' makes 3 pieces, and there are 2 targets")]
    [InlineData("""["x", ["y", "z"], "3*D"]""", "several targets need a 'split'")]
    [InlineData("""["x", ["y", "z"], "3*D", "split 1 [D, D]"]""", "there is no dimension 1")]
    [InlineData("""[["x", "x2"], "y", ["D F", "2*D F"], "concat 0"]""", null)]
    [InlineData("""[["x", "x2"], "y", ["D F", "D D"], { "op": "concat 0", "as": "linear" }]""", "'concat' joins tensors that are 'D' and 'F'")]
    [InlineData("""[["x", "x2"], "y", ["D F", "D"], "concat 0"]""", "there is no dimension 0")]
    [InlineData("""[["x", "x2"], "y", "D F"]""", "several sources need a 'concat'")]
    [InlineData("""[["x", "x2"], "y", ["D", "D", "D"], "concat 0"]""", "there are 2 sources and 3 shapes")]
    [InlineData("""[["x", "x2"], "y", "D D", "concat 0"]""", "is square")]
    [InlineData("""[["x", "x2"], "y", "D D", ["t", "concat 0"]]""", null)]
    [InlineData("""["x.{e}", "y", "D F", "stack 0 {e}"]""", "{e} is neither in \"index\"")]
    [InlineData("""["x.{i}", "y", "D F", "stack 0 {i}"]""", null)]
    [InlineData("""["x.{i}", "y.{i}", "D F", "stack 0 {i}"]""", "{i} is stacked, so the target has it no more")]
    [InlineData("""["x", "y", "D F", "stack 0 {e}"]""", "so there is nothing to count")]
    [InlineData("""["x", "y.{i}", "L D", { "op": "unstack 0 {i}", "as": "linear" }]""", null)]
    [InlineData("""["x", "y", "L D", { "op": "unstack 0 {i}", "as": "linear" }]""", "{i} is unstacked, so the target must have it")]
    [InlineData("""["x", "y.{i}", "F D", { "op": "unstack 0 {i}", "as": "linear" }]""", "{i} has 'L' values, the dimension is 'F'")]
    [InlineData("""["x", "y", "2*D F", "rearrange (a b) c -> (b a) c; a=2"]""", null)]
    [InlineData("""["x", "y", "D D", "rearrange (a b) c -> (b a) c; a=2"]""", null)]
    [InlineData("""["x", "y", "2*D F", "rearrange (a b) c -> (b a) c"]""", "the sizes of 'a' and 'b' cannot both be found")]
    [InlineData("""["x", "y", "2*D F", "rearrange (a b) c -> (b a) c; a=2 b=F"]""", "the axes come to '2*F', the dimension is '2*D'")]
    [InlineData("""["x", "y", "2*D F", "rearrange (a b) c -> (b a); a=2"]""", "must name each axis once on each side")]
    [InlineData("""["x", "y", "2*D F", "rearrange (a a) c -> (a a) c; a=2"]""", "must name each axis once on each side")]
    [InlineData("""["x", "y", "2*D F", "rearrange a b c -> c b a"]""", "has 3 dimensions, and the tensor has 2")]
    [InlineData("""["x", "y", "2*D F", "rearrange (a b c -> c b a"]""", "parentheses")]
    [InlineData("""["x", "y", "2*D F", "rearrange a b -> b a; c=2"]""", "gives no axis")]
    [InlineData("""["x", "y", "D F", ["concat 0", "t"]]""", "operations come in this order")]
    [InlineData("""["x", "y", "D F", ["t", "t"]]""", "operations come in this order")]
    [InlineData("""["x", "y", "D F", "take 0"]""", "'take' says the dimension")]
    [InlineData("""["x", "y", "D F", "pad 0"]""", "'pad' says the dimension")]
    [InlineData("""["x", "y", "D F", "split 9 [D]"]""", "followed by a dimension")]
    [InlineData("""["x", "y", "D F", { "cast": "int8" }]""", "is no element type")]
    [InlineData("""["x", "y", "D F", { "index": { "i": "L" } }]""", "has a meaning already")]
    [InlineData("""["x", "y", "D Q", "take 1 0:Q"]""", "the symbol 'Q' is not defined")]
    public void Operations_are_proved_against_the_shapes_they_are_given(string more, string? reason)
    {
        string text = Tables.Text(map: """["a.{i}.weight", "a.{i}.weight", "D F"],""" + more);
        IReadOnlyList<TableProblem> problems = Tables.Check(text);

        if (reason is null)
        {
            Assert.Empty(problems);
        }
        else
        {
            Assert.Contains(problems, problem => problem.Reason.Contains(reason, StringComparison.Ordinal));
            Assert.All(problems, problem => Assert.StartsWith("map[1]", problem.Path, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("""{ "key": "m", "shape": "D", "is": "tril" }""", "a triangle has two dimensions")]
    [InlineData("""{ "key": "m", "shape": "* D", "is": "tril" }""", "what is to be made again has sizes")]
    [InlineData("""{ "key": "m", "shape": "D D", "is": "tril" }""", null)]
    public void What_is_to_be_made_again_can_be(string drop, string? reason)
    {
        IReadOnlyList<TableProblem> problems = Tables.Check(Tables.Text(drop: drop));

        Assert.Equal(reason is null ? 0 : 1, problems.Count);
        Assert.All(problems, problem => Assert.Contains(reason!, problem.Reason, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""["b.weight", "b", "D"], ["b.weight", "c", "D"]""", "claim the tensor 'b.weight'")]
    [InlineData("""["b.{n:x,y}", "b.{n}", "D"], ["b.y", "c", "D"]""", "claim the tensor 'b.y'")]
    [InlineData("""["b.{i}", "b.{i}", "D"], ["b.10000", "c", "D"]""", "claim the tensor 'b.10000'")]
    [InlineData("""["b.{i}.x", "b.{i}", "D"], ["b.{n:3,z}.x", "c.{n}", "D"]""", "claim the tensor 'b.3.x'")]
    [InlineData("""["b", "x.{n:p,q}", "D"]""", "write {n} here")]
    [InlineData("""["b.{i}", "x.{i}", "D"], ["c", "x.77", "D"]""", "fill the parameter 'x.77'")]
    [InlineData("""["b.{i}", "b.{i}", "D"], ["b.01", "c", "D"]""", null)]
    [InlineData("""["b.{i}", "b.{i}", "D"], ["b.{i}.x", "b.{i}.x", "D"]""", null)]
    [InlineData("""["b", "x", "D", { "when": "B" }], ["b", "x", "D", { "when": "!B" }]""", null)]
    [InlineData("""["b", "x", "D", { "when": "m == 'p'" }], ["b", "x", "D", { "when": "B && m == 'q'" }]""", null)]
    [InlineData("""["b", "x", "D", { "when": "m in [p, q]" }], ["b", "x", "D", { "when": "m in [r]" }]""", null)]
    [InlineData("""["b", "x", "D", { "when": "m == 'p'" }], ["b", "x", "D", { "when": "m != 'p'" }]""", null)]
    [InlineData("""["b", "x", "D", { "when": "m in [p, q]" }], ["b", "x", "D", { "when": "m in [q, r]" }]""", "fill the parameter 'x'")]
    [InlineData("""["b", "x", "D", { "when": "m != 'p'" }], ["b", "x", "D", { "when": "m != 'q'" }]""", "fill the parameter 'x'")]
    [InlineData("""["b", "x", "D", { "when": "B" }], ["b", "x", "D", { "when": "C" }]""", "fill the parameter 'x'")]
    public void No_tensor_is_claimed_and_no_parameter_filled_twice_for_any_configuration(string more, string? reason)
    {
        string text = Tables.Text(
            map: """["a.{i}.weight", "a.{i}.weight", "D F", { "when": "B || C" }],""" + more,
            config: """ "L": "n_layer", "D": "d", "F": "f", "B": "b ?? true", "C": "c ?? true" """);
        IReadOnlyList<TableProblem> problems = Tables.Check(text);

        if (reason is null)
        {
            Assert.Empty(problems);
        }
        else
        {
            Assert.Contains(problems, problem => problem.Reason.Contains(reason, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("\"\", \"p.\"", """["p.x", "x", "D"], ["x", "y", "D"]""", null)]
    [InlineData("\"\", \"p.\"", """["^p.x", "x", "D"], ["x", "y", "D"]""", "claim the tensor 'p.x'")]
    [InlineData("\"q.\", \"p.\"", """["^x", "x", "D"], ["x", "y", "D"]""", null)]
    [InlineData("\"\", \"p.\"", """["^x", "x", "D"], ["x", "y", "D"]""", "claim the tensor 'x'")]
    public void Absolute_names_are_kept_apart_from_all_that_may_stand_behind_a_prefix(string prefix, string more, string? reason)
    {
        IReadOnlyList<TableProblem> problems = Tables.Check(
            Tables.Text(map: """["a.{i}.weight", "a.{i}.weight", "D F"],""" + more, prefix: prefix));

        Assert.Equal(reason is null ? 0 : 1, problems.Count);
        Assert.All(problems, problem => Assert.Contains(reason!, problem.Reason, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""["b.{x:1,11}0{y:0,10}", "b.{x}.{y}", "D"]""", null)]
    [InlineData("""["b.{x:p,p_p}_{y:p,p_p}", "b.{x}.{y}", "D"]""", "both make 'b.p_p_p'")]
    [InlineData("""["b.{x:p,p_p}.{y:p,p_p}", "b.{x}_{y}", "D"]""", "both make 'b.p_p_p'")]
    [InlineData("""["b.{i}1{j}", "b.{i}.{j}", "D"]""", "both make")]
    public void One_rule_never_makes_a_name_in_two_ways(string more, string? reason)
    {
        string text = Tables.Text(
            map: """["a.{i}.{j}.weight", "a.{i}.{j}.weight", "D F"],""" + more, index: """ "i": "L", "j": "L" """, has: "a.0.0.weight");
        IReadOnlyList<TableProblem> problems = Tables.Check(text);

        Assert.Equal(reason is null ? 0 : 1, problems.Count);
        Assert.All(problems, problem => Assert.Contains(reason!, problem.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public void Drops_are_disjoint_from_maps()
    {
        TableProblem problem = Tables.TheProblem(Tables.Text(drop: """{ "key": "a.{i}.{x:weight,bias}", "shape": "D" }"""));

        Assert.Contains("claim the tensor 'a.0.weight'", problem.Reason, StringComparison.Ordinal);
        Assert.Equal("drop[0]", problem.Path);
    }

    [Theory]
    [InlineData(""" { "target": "x", "to": "nowhere" } """, "no rule of \"map\" fills")]
    [InlineData(""" { "target": "w", "to": "a.0.weight" } """, "fills 'w' too")]
    [InlineData(""" { "target": "v", "to": "w", "when": "!B" } """, null)]
    [InlineData(""" { "target": "w", "to": "w2", "when": "!B" } """, null)]
    [InlineData(""" { "target": "w", "to": "u", "when": "!B" } """, "makes 'w' 'D F', and 'u' is 'F D'")]
    [InlineData(""" { "target": "x", "to": "t", "source": "^x", "if_present": "must_equal" } """, "changes 't' on its way")]
    [InlineData(""" { "target": "x", "to": "u", "source": "t", "if_present": "must_equal" } """, "claim the tensor 't'")]
    [InlineData(""" { "target": "x", "to": "u" }, { "target": "x", "to": "u" } """, "is tied by tie[0]")]
    public void Ties_have_a_tensor_to_share_and_no_other(string tie, string? reason)
    {
        string text = Tables.Text(
            map: """
                ["a.{i}.weight", "a.{i}.weight", "D F"], ["w", "w", "D F", { "when": "B" }], ["w2", "w2", "D F"], ["u", "u", "F D"],
                ["t", "t", "D F", "t"]
                """,
            config: """ "L": "n_layer", "D": "d", "F": "f", "B": "b ?? true" """,
            tie: tie);
        IReadOnlyList<TableProblem> problems = Tables.Check(text);

        if (reason is null)
        {
            Assert.DoesNotContain(problems, problem => !problem.Reason.Contains("no rule of \"map\" fills", StringComparison.Ordinal));
        }
        else
        {
            Assert.Contains(problems, problem => problem.Reason.Contains(reason, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(""" "L": "n_layer", "D": "d", "F": "f", "G": "g" """, " \"i\": \"L\" ", "", "config.G")]
    [InlineData(""" "L": "n_layer", "D": "d", "F": "f" """, " \"i\": \"L\", \"j\": \"L\" ", "", "index.j")]
    [InlineData(""" "L": "n_layer", "D": "d", "F": "f" """, " \"i\": \"L\" ", " \"s\": [\"a\"] ", "set.s")]
    public void Nothing_is_defined_in_vain(string config, string index, string set, string path)
    {
        TableProblem problem = Tables.TheProblem(Tables.Text(config: config, index: index, set: set));

        Assert.Equal(path, problem.Path);
        Assert.True(problem.Line > 1);
        Assert.Contains("not used", problem.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_of_detection_are_sources()
    {
        Assert.Contains("is no source", Tables.TheProblem(Tables.Text(has: "b.0.weight")).Reason, StringComparison.Ordinal);
        Assert.Contains("is no source", Tables.TheProblem(Tables.Text(has: "^a.0.weight")).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Prefixes_make_no_combination_twice()
    {
        TableProblem problem = Tables.TheProblem(Tables.Text(prefix: "\"\", \"p.\"", wrapper: "\"\", \"p.\""));

        Assert.Contains("'p.'", problem.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Work_on_a_table_is_bounded_whatever_its_sets_are()
    {
        string words = string.Join(',', Enumerable.Range(0, 200).Select(i => $"\"w{i}\""));
        string text = Tables.Text(
            map: """["a.{i}.{p}.{q}.{r}", "a.{i}.{p}.{q}.{r}", "D F"]""", set: $""" "p": [{words}], "q": [{words}], "r": [{words}] """,
            has: "a.0.w1.w2.w3");

        Assert.Contains(Tables.Check(text), problem => problem.Reason.Contains("more than 100000 names", StringComparison.Ordinal));
    }
}
