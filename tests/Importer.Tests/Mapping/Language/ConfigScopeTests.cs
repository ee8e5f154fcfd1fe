using Importer.Mapping.Language;
using Importer.Mapping.Problems;

namespace Importer.Tests.Mapping.Language;

public sealed class ConfigScopeTests
{
    private const string Config = """
        {
          "n": 12, "zero": 0, "one_less": -1, "big": 9223372036854775807, "minus": -3, "least": -9223372036854775808, "half": 0.5, "whole": 12.0, "text": "abc", "yes": true, "no": false,
          "nothing": null, "list": [1, 2], "model_type": "qwen3", "rope": { "factor": 4 }
        }
        """;

    [Theory]
    [InlineData("n", 12)]
    [InlineData("4*n", 48)]
    [InlineData("missing | 4*n", 48)]
    [InlineData("nothing | n", 12)]
    [InlineData("missing ?? nothing ?? 7", 7)]
    [InlineData("n/4 + 2 - 1", 4)]
    [InlineData("n//5", 2)]
    [InlineData("(n - 13)//2 + 4", 3)]
    [InlineData("8*n//3//7*7", 28)]
    [InlineData("rope.factor", 4)]
    [InlineData("N2*N2", 576)]
    [InlineData("Nothing | N2", 24)]
    [InlineData("Nothing | missing | 5", 5)]
    public void Computes_dimensions(string expression, long value)
    {
        ConfigScope scope = Scope();

        Assert.Equal(value, scope.Dimension(ExpressionParser.Parse(expression)));
        Assert.Empty(scope.Problems);
    }

    [Theory]
    [InlineData("yes", true)]
    [InlineData("!yes", false)]
    [InlineData("missing", false)]
    [InlineData("!nothing", true)]
    [InlineData("missing ?? true", true)]
    [InlineData("no ?? true", false)]
    [InlineData("n == 12 && text != 'x'", true)]
    [InlineData("n < 12 || n > 12", false)]
    [InlineData("missing < 3", false)]
    [InlineData("missing > 3", false)]
    [InlineData("missing == null", true)]
    [InlineData("n == null", false)]
    [InlineData("model_type in [qwen3, minimind]", true)]
    [InlineData("model_type in [llama]", false)]
    [InlineData("missing in [llama]", false)]
    [InlineData("no && text", false)]
    [InlineData("yes || text", true)]
    [InlineData("Yes", true)]
    [InlineData("Nothing", false)]
    [InlineData("Nothing == null", true)]
    [InlineData("rope.factor.deeper", false)]
    [InlineData("text.inner", false)]
    public void Decides_conditions(string expression, bool value)
    {
        ConfigScope scope = Scope();

        Assert.Equal(value, scope.Holds(ExpressionParser.Parse(expression)));
        Assert.Empty(scope.Problems);
    }

    [Theory]
    [InlineData("zero", "zero", "1 to 2147483647")]
    [InlineData("minus", "minus", "1 to 2147483647")]
    [InlineData("big", "big", "1 to 2147483647")]
    [InlineData("half", "half", "must be a whole number")]
    [InlineData("whole", "whole", "must be a whole number")]
    [InlineData("text", "text", "must be a whole number")]
    [InlineData("list", "list", "must be a whole number")]
    [InlineData("yes + 1", "yes", "must be a whole number")]
    [InlineData("n/5", "n", "cannot be divided")]
    [InlineData("n/zero", "n,zero", "cannot be divided")]
    [InlineData("n//zero", "n,zero", "cannot be divided")]
    [InlineData("big*big", "big", "beyond 64 bits")]
    [InlineData("least/one_less", "least,one_less", "beyond 64 bits")]
    [InlineData("least//one_less", "least,one_less", "beyond 64 bits")]
    [InlineData("missing | minus", "minus", "1 to")]
    public void Refuses_what_is_no_dimension_and_names_the_key(string expression, string keys, string reason)
    {
        ConfigScope scope = Scope();

        Assert.Null(scope.Dimension(ExpressionParser.Parse(expression)));
        ConfigValueInvalid problem = Assert.IsType<ConfigValueInvalid>(Assert.Single(scope.Problems));
        Assert.Equal(keys, string.Join(',', problem.Keys));
        Assert.Contains(reason, problem.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text", "must be true or false")]
    [InlineData("n", "must be true or false")]
    [InlineData("!n", "must be true or false")]
    [InlineData("yes && n", "must be true or false")]
    [InlineData("yes == 'true'", "cannot be compared")]
    [InlineData("model_type == 3", "cannot be compared")]
    [InlineData("n in [a, b]", "cannot be compared")]
    [InlineData("half == half", "cannot be compared")]
    [InlineData("text < 3", "smaller or greater")]
    public void Never_guesses_a_condition_from_a_value_of_another_type(string expression, string reason)
    {
        ConfigScope scope = Scope();

        Assert.Null(scope.Holds(ExpressionParser.Parse(expression)));
        Assert.Contains(reason, Assert.Single(scope.Problems).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_every_key_that_would_give_a_missing_value_once()
    {
        ConfigScope scope = Scope(("T", "n_positions | n_ctx"), ("U", "2*T"));

        Assert.Null(scope.Dimension(ExpressionParser.Parse("T")));
        Assert.Null(scope.Dimension(ExpressionParser.Parse("U")));
        Assert.Null(scope.Dimension(ExpressionParser.Parse("T*T")));

        ConfigValueMissing problem = Assert.IsType<ConfigValueMissing>(Assert.Single(scope.Problems));
        Assert.Equal(["n_positions", "n_ctx"], problem.Keys);
        Assert.Equal("T", problem.Symbol);
    }

    [Fact]
    public void Evaluates_deep_chains_of_symbols_in_no_more_than_their_length()
    {
        List<(string, string)> symbols = [("S0", "n")];
        for (int i = 1; i < 90; i++)
        {
            symbols.Add(($"S{i}", $"S{i - 1} - S{i - 1} + n"));
        }

        ConfigScope scope = Scope([.. symbols]);

        Assert.Equal(12, scope.Dimension(ExpressionParser.Parse("S89")));
        Assert.Equal(["n"], scope.DecidingKeys(ExpressionParser.Parse("S89")));
        Assert.Equal(["n"], scope.Symbols.Keys(ExpressionParser.Parse("S89")));
    }

    private static ConfigScope Scope(params (string Name, string Definition)[] symbols)
    {
        IEnumerable<(string, string)> all = symbols.Concat([("N2", "2*n"), ("Yes", "yes"), ("Nothing", "missing | nothing")]);
        return new ConfigScope(
            Gpt2Headers.ConfigOf(Config), new SymbolTable([.. all.Select(symbol => (symbol.Item1, ExpressionParser.Parse(symbol.Item2)))]));
    }
}
