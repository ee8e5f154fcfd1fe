using Importer.Mapping;
using Importer.Mapping.Problems;
using Importer.Sources;

namespace Importer.Tests.Mapping.Planning;

/// <summary>A configuration that belongs to other weights: the report names its key and both numbers first.</summary>
public sealed class ContradictionTests
{
    private static readonly Gpt2Headers Tiny = Gpt2Headers.Tiny;

    public static TheoryData<string, long, long> Cases => new()
    {
        { "n_embd", 48, 64 },
        { "n_layer", 3, 4 },
        { "n_layer", 3, 2 },
        { "vocab_size", 211, 256 },
        { "n_positions", 64, 128 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void One_wrong_number_is_named_with_its_key_and_what_the_tensors_say(string key, long says, long found)
    {
        Gpt2Headers weights = key switch
        {
            "n_embd" => Tiny with { Width = (int)found },
            "n_layer" => Tiny with { Layers = (int)found },
            "vocab_size" => Tiny with { Vocabulary = (int)found },
            _ => Tiny with { Positions = (int)found },
        };

        CheckpointMismatchException exception = Refuse(weights, Tiny.Config);

        ConfigContradiction problem = Assert.Single(exception.Problems.OfType<ConfigContradiction>());
        Assert.Same(problem, exception.Problems[0]);
        Assert.Equal([key], problem.Keys);
        Assert.Equal((says, found), (problem.ConfigValue, problem.FoundValue));
        Assert.Contains($"{key} is {says}, but the tensors say {found}", exception.Message, StringComparison.Ordinal);
        Assert.Contains("config.json that was saved with these weights", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_should_be_set_is_named_although_it_is_not()
    {
        CheckpointMismatchException exception = Refuse(Tiny with { Inner = 72 }, Tiny.Config);

        ConfigContradiction problem = Assert.Single(exception.Problems.OfType<ConfigContradiction>());
        Assert.Equal("n_inner", problem.Keys[0]);
        Assert.Contains("n_inner is not set, which means 192, but the tensors say 72", problem.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_that_follows_from_a_wrong_one_is_not_called_wrong()
    {
        CheckpointMismatchException exception = Refuse(Tiny with { Width = 64 }, Tiny.Config);

        Assert.Equal("n_embd", Assert.Single(Assert.Single(exception.Problems.OfType<ConfigContradiction>()).Keys));
    }

    [Fact]
    public void Two_wrong_numbers_are_both_named()
    {
        CheckpointMismatchException exception = Refuse(Tiny with { Width = 64, Layers = 5, Inner = 80 }, Tiny.Config);

        Assert.Equal(
            ["n_layer", "n_embd", "n_inner"], exception.Problems.OfType<ConfigContradiction>().Select(problem => problem.Keys[0]));
    }

    [Fact]
    public void One_odd_tensor_is_no_contradiction()
    {
        List<SourceTensor> tensors = Tiny.Tensors;
        tensors[2] = tensors[2] with { Shape = [64] };

        CheckpointMismatchException exception = Assert.Throws<CheckpointMismatchException>(
            () => MappingCatalog.BuiltIn.Find("gpt2")!.Compile(Tiny.Config, tensors));

        Assert.IsType<WrongShape>(Assert.Single(exception.Problems));
    }

    [Fact]
    public void One_stray_tensor_is_no_further_layer()
    {
        List<SourceTensor> tensors = Tiny.Tensors;
        tensors.Add(tensors[2] with { Name = "h.3.ln_1.weight" });

        CheckpointMismatchException exception = Assert.Throws<CheckpointMismatchException>(
            () => MappingCatalog.BuiltIn.Find("gpt2")!.Compile(Tiny.Config, tensors));

        Assert.IsType<UnexpectedTensor>(Assert.Single(exception.Problems));
    }

    [Fact]
    public void A_layer_that_is_missing_from_the_middle_is_no_other_number_of_layers()
    {
        List<SourceTensor> tensors = [.. Tiny.Tensors.Where(tensor => !tensor.Name.StartsWith("h.1.", StringComparison.Ordinal))];

        CheckpointMismatchException exception = Assert.Throws<CheckpointMismatchException>(
            () => MappingCatalog.BuiltIn.Find("gpt2")!.Compile(Tiny.Config, tensors));

        Assert.Equal(12, exception.Problems.Count);
        Assert.All(exception.Problems, problem => Assert.IsType<MissingTensor>(problem));
    }

    [Theory]
    [InlineData("n_layer", "\"3\"", "n_layer = \"3\": it must be a whole number")]
    [InlineData("n_layer", "3.0", "n_layer = 3.0: it must be a whole number")]
    [InlineData("n_layer", "0", "n_layer = 0: it must be a whole number from 1 to")]
    [InlineData("n_layer", "-1", "n_layer = -1: it must be a whole number from 1 to")]
    [InlineData("n_layer", "99999999999999999999", "n_layer = 99999999999999999999: it must be a whole number")]
    [InlineData("n_embd", "null", "lacks n_embd (the mapping's D)")]
    [InlineData("n_positions", "null", "lacks n_positions or n_ctx (the mapping's T)")]
    [InlineData("n_inner", "\"big\"", "n_inner = \"big\": it must be a whole number")]
    [InlineData("tie_word_embeddings", "\"no\"", "tie_word_embeddings = \"no\": it must be true or false")]
    [InlineData("tie_word_embeddings", "1", "tie_word_embeddings = 1: it must be true or false")]
    public void Values_that_make_no_sense_are_refused_by_key(string key, string value, string text)
    {
        Dictionary<string, string> values = new()
        {
            ["model_type"] = "\"gpt2\"",
            ["n_layer"] = "3",
            ["n_embd"] = "48",
            ["vocab_size"] = "211",
            ["n_positions"] = "64",
        };
        values[key] = value;
        ModelConfigValues config = Gpt2Headers.ConfigOf("{" + string.Join(',', values.Select(pair => $"\"{pair.Key}\": {pair.Value}")) + "}");

        CheckpointMismatchException exception = Refuse(Tiny, config);

        Assert.Contains(text, Assert.Single(exception.Problems).Text, StringComparison.Ordinal);
        Assert.Contains("Correct the configuration", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_configuration_with_a_billion_layers_is_refused_without_counting_them()
    {
        ModelConfigValues config = Gpt2Headers.ConfigOf(
            """{ "model_type": "gpt2", "n_layer": 1000000000, "n_embd": 48, "vocab_size": 211, "n_positions": 64 }""");
        Refuse(Tiny, config);
        long before = GC.GetAllocatedBytesForCurrentThread();

        CheckpointMismatchException exception = Refuse(Tiny, config);

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 4_000_000);
        ExpansionTooLarge problem = Assert.Single(exception.Problems.OfType<ExpansionTooLarge>());
        Assert.Equal(["n_layer"], problem.Keys);
        Assert.Equal(14_000_000_004, problem.Names);
        Assert.Equal(3, Assert.Single(exception.Problems.OfType<ConfigContradiction>()).FoundValue);
    }

    [Fact]
    public void Problems_beyond_a_thousand_of_a_kind_are_counted_and_not_kept()
    {
        ModelConfigValues config = Gpt2Headers.ConfigOf(
            """{ "model_type": "gpt2", "n_layer": 3000, "n_embd": 48, "vocab_size": 211, "n_positions": 64 }""");

        CheckpointMismatchException exception = Refuse(Tiny, config);

        Assert.Equal(1000, exception.Problems.OfType<MissingTensor>().Count());
        Assert.Equal((2997 * 12) - 1000, exception.OmittedProblems);
        Assert.Equal(3, Assert.Single(exception.Problems.OfType<ConfigContradiction>()).FoundValue);
    }

    private static CheckpointMismatchException Refuse(Gpt2Headers weights, ModelConfigValues config)
    {
        List<SourceTensor> tensors = weights.Tensors;
        return Assert.Throws<CheckpointMismatchException>(() => MappingCatalog.BuiltIn.Find(config, tensors).Compile(config, tensors));
    }
}
