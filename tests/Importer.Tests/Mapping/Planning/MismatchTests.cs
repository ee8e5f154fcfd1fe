using Importer.Mapping;
using Importer.Mapping.Problems;
using Importer.Sources;
using SafeTensorSharp;

namespace Importer.Tests.Mapping.Planning;

/// <summary>Checkpoints that do not fit: everything is reported at once, by name, before anything is read.</summary>
public sealed class MismatchTests
{
    private static readonly Gpt2Headers Tiny = Gpt2Headers.Tiny with { Prefix = "transformer." };

    [Fact]
    public void Reports_everything_missing_unexpected_and_misshapen_in_one_throw()
    {
        CheckpointMismatchException exception = Refuse(Tiny, tensors =>
        [
            .. tensors.Where(tensor => tensor.Name != "transformer.h.1.ln_2.bias").Select(tensor => tensor.Name switch
            {
                "transformer.wpe.weight" => tensor with { DType = DType.I64 },
                "transformer.h.0.mlp.c_fc.bias" => tensor with { Shape = [191] },
                "transformer.h.2.attn.c_attn.bias" => tensor with { Name = "transformer.h.2.attn.c_atn.bias" },
                _ => tensor,
            }),
            tensors[0] with { Name = "score.weight" },
        ]);

        Assert.Equal(6, exception.Problems.Count);
        Assert.Equal(0, exception.OmittedProblems);
        Assert.Equal("transformer.", exception.Prefix);
        Assert.Equal("gpt2", exception.Mapping);
        MissingTensor missing = exception.Problems.OfType<MissingTensor>().First();
        Assert.Equal(("transformer.h.1.ln_2.bias", "transformer.h.1.ln_2.bias"), (missing.Name, missing.Target));
        MissingTensor renamed = exception.Problems.OfType<MissingTensor>().Last();
        Assert.Equal("transformer.h.2.attn.c_attn.bias", renamed.Name);
        Assert.Equal(["transformer.h.2.attn.c_atn.bias"], renamed.Nearest);
        Assert.Equal(
            ["transformer.h.2.attn.c_atn.bias", "score.weight"],
            exception.Problems.OfType<UnexpectedTensor>().Select(problem => problem.Tensor.Name));
        Assert.Equal([191L], Assert.Single(exception.Problems.OfType<WrongShape>()).Actual);
        Assert.Equal(DType.I64, Assert.Single(exception.Problems.OfType<UnsupportedDType>()).DType);
        Assert.All(exception.Problems, problem => Assert.Contains(problem.Text, exception.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Recognises_matrices_of_the_other_layout()
    {
        List<SourceTensor> tensors =
        [
            .. Tiny.Tensors.Select(tensor => tensor.Shape.Count == 2 && tensor.Name.Contains(".h.", StringComparison.Ordinal)
                ? tensor with { Shape = [tensor.Shape[1], tensor.Shape[0]] }
                : tensor)
        ];
        CheckpointMismatchException exception = Assert.Throws<CheckpointMismatchException>(
            () => MappingCatalog.BuiltIn.Find("gpt2")!.Compile(Tiny.Config, tensors));
        Assert.Equal("gpt2-nanogpt", MappingCatalog.BuiltIn.Find(Tiny.Config, tensors).Family);

        Assert.Equal(9, exception.Problems.Count);
        Assert.All(exception.Problems, problem => Assert.True(Assert.IsType<WrongShape>(problem).LooksTransposed));
        Assert.Contains("Linear layout", exception.Message, StringComparison.Ordinal);
        Assert.Contains("(D 3*D)", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_tensor_of_several_that_make_one_parameter_is_reported_for_itself()
    {
        WeightMapping mapping = Tables.Parse(Tables.Text(
            map: """
                ["a.{i}.weight", "a.{i}.weight", "D F"],
                [["q.{i}", "k.{i}", "v.{i}"], "qkv.{i}", ["D F", "2*D F", "2*D F"], "concat 0"],
                ["f.{i}", ["f.{i}.x", "f.{i}.y"], "2*D", "split 0 [D, D]"]
                """));
        ModelConfigValues config = Gpt2Headers.ConfigOf("""{ "n_layer": 1, "d": 2, "f": 3 }""");
        SourceTensor Tensor(string name, params long[] shape) => new(name, SafeTensorSharp.DType.F32, shape, "f", 0, 4 * shape.Aggregate(1L, (a, b) => a * b));

        CheckpointMismatchException exception = Assert.Throws<CheckpointMismatchException>(() => mapping.Compile(
            config, [Tensor("a.0.weight", 2, 3), Tensor("q.0", 2, 3), Tensor("k.0", 3, 3), Tensor("vv.0", 4, 3), Tensor("f.0", 4)]));

        MissingTensor missing = Assert.Single(exception.Problems.OfType<MissingTensor>());
        Assert.Equal(("v.0", "qkv.0", "vv.0"), (missing.Name, missing.Target, Assert.Single(missing.Nearest)));
        Assert.Equal([4L, 3], missing.Shape);
        WrongShape shape = Assert.Single(exception.Problems.OfType<WrongShape>());
        Assert.Equal(("k.0", "2*D F"), (shape.Name, shape.Symbols));
        Assert.Equal("vv.0", Assert.Single(exception.Problems.OfType<UnexpectedTensor>()).Tensor.Name);

        LoadPlan plan = mapping.Compile(
            config, [Tensor("a.0.weight", 2, 3), Tensor("q.0", 2, 3), Tensor("k.0", 4, 3), Tensor("v.0", 4, 3), Tensor("f.0", 4)]);
        Assert.Equal([10L, 3], plan.Find("qkv.0")!.Shape);
        Assert.Equal((3, 120L, "concat 0"), (plan.Find("qkv.0")!.Sources.Count, plan.Find("qkv.0")!.BytesToRead, plan.Find("qkv.0")!.Operation.Text));
        Assert.Equal((1, "split 0 [2, 2]"), (plan.Find("f.0.y")!.Piece, plan.Find("f.0.y")!.Operation.Text));
        Assert.Equal((4, 40), (plan.Totals.Tensors, plan.Totals.Parameters));
    }

    [Fact]
    public void A_model_that_is_there_twice_is_refused()
    {
        CheckpointMismatchException exception = Refuse(Tiny, tensors => [.. tensors, .. (Tiny with { Prefix = "" }).Tensors]);

        ConflictingPrefix problem = Assert.Single(exception.Problems.OfType<ConflictingPrefix>());
        Assert.Equal(["", "transformer."], problem.Prefixes);
    }

    [Fact]
    public void A_key_that_is_there_twice_is_refused_with_both_files()
    {
        CheckpointMismatchException exception = Refuse(Tiny, tensors => [.. tensors, tensors[5] with { File = "other.safetensors" }]);

        DuplicateSource problem = Assert.IsType<DuplicateSource>(Assert.Single(exception.Problems));
        Assert.Equal(tensors5(), problem.Name);
        Assert.Equal(["model.safetensors", "other.safetensors"], problem.Claims);

        static string tensors5() => Tiny.Tensors[5].Name;
    }

    [Fact]
    public void Keys_of_another_model_are_told_as_that_and_not_as_hundreds_of_problems()
    {
        ModelConfigValues config = Tiny.Config;
        List<SourceTensor> tensors = [.. Tiny.Tensors.Select((tensor, i) => tensor with { Name = $"model.layers.{i}.weight" })];

        CheckpointMismatchException exception = Assert.Throws<CheckpointMismatchException>(
            () => MappingCatalog.BuiltIn.Find("gpt2")!.Compile(config, tensors));

        NoPrefixFits problem = Assert.IsType<NoPrefixFits>(Assert.Single(exception.Problems));
        Assert.Contains("model.layers.0.weight", problem.Examples);
        Assert.Null(exception.Prefix);
    }

    [Fact]
    public void An_untied_head_that_is_missing_is_missed()
    {
        CheckpointMismatchException exception = Refuse(Tiny with { TieWordEmbeddings = false }, tensors => tensors);

        Assert.Equal("lm_head.weight", Assert.IsType<MissingTensor>(Assert.Single(exception.Problems)).Name);
    }

    [Theory]
    [InlineData(DType.F16, false)]
    [InlineData(DType.F32, true)]
    public void A_second_head_that_cannot_be_equal_breaks_the_tie_before_anything_is_read(DType dtype, bool reshaped)
    {
        CheckpointMismatchException exception = Refuse(Tiny with { Head = true }, tensors =>
            [.. tensors.Select(tensor => tensor.Name == "lm_head.weight"
                ? tensor with { DType = dtype, Shape = reshaped ? [212, 48] : tensor.Shape }
                : tensor)]);

        BrokenTie problem = Assert.IsType<BrokenTie>(Assert.Single(exception.Problems));
        Assert.Equal(("lm_head.weight", "transformer.wte.weight", "lm_head.weight"), (problem.Target, problem.To, problem.Copy));
        Assert.Contains("set tie_word_embeddings in the configuration", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mask_of_another_size_is_refused_although_it_would_not_be_read()
    {
        CheckpointMismatchException exception = Refuse(Tiny, tensors =>
            [.. tensors.Select(tensor => tensor.Name == "transformer.h.1.attn.bias" ? tensor with { Shape = [1, 1, 32, 32] } : tensor)]);

        WrongShape problem = Assert.IsType<WrongShape>(Assert.Single(exception.Problems));
        Assert.Equal("1 1 T T", problem.Symbols);
        Assert.Equal([1L, 1, 64, 64], problem.Expected);
    }

    [Fact]
    public void Shapes_of_hostile_sizes_are_shown_and_not_multiplied()
    {
        ModelConfigValues config = Gpt2Headers.ConfigOf(
            """{ "model_type": "test", "n_layer": 1, "d": 2147483647, "f": 2147483647 }""");
        WeightMapping mapping = Tables.Parse(Tables.Text(map: """["a.{i}.weight", "a.{i}.weight", "D F D F D"]"""));
        SourceTensor tensor = new("a.0.weight", DType.F32, [2147483647, 2147483647, 2147483647, 2147483647, 2147483647], "f", 0, 4);

        CheckpointMismatchException exception = Assert.Throws<CheckpointMismatchException>(() => mapping.Compile(config, [tensor]));

        Assert.IsType<TensorTooLarge>(Assert.Single(exception.Problems));
    }

    [Fact]
    public void Names_from_the_file_are_escaped()
    {
        CheckpointMismatchException exception = Refuse(Tiny, tensors =>
            [.. tensors, tensors[0] with { Name = "evil\u202e\n\u001b[2J'\\" + new string('x', 5000) }]);

        Assert.DoesNotContain(exception.Message, c => (char.IsControl(c) && c != '\n') || c == '\u202e');
        Assert.Contains(@"evil\u202e\u000a\u001b[2J\'\\xxx", exception.Message, StringComparison.Ordinal);
        Assert.True(exception.Message.Length < 2000);
    }

    [Fact]
    public void Arguments_are_checked()
    {
        WeightMapping mapping = MappingCatalog.BuiltIn.Find("gpt2")!;
        Assert.Throws<ArgumentNullException>(() => mapping.Compile(null!, []));
        Assert.Throws<ArgumentNullException>(() => mapping.Compile(Tiny.Config, null!));
        Assert.Throws<ArgumentException>(() => mapping.Compile(Tiny.Config, [null!]));
        Assert.Throws<ArgumentException>(() => mapping.Compile(Tiny.Config, [], new PlanOptions { TargetDType = DType.I8 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => mapping.Compile(Tiny.Config, [], new PlanOptions { MaxNames = 0 }));
        Assert.Throws<ArgumentException>(() => ModelConfigValues.From(System.Text.Json.JsonDocument.Parse("[]").RootElement));
    }

    private static CheckpointMismatchException Refuse(Gpt2Headers model, Func<List<SourceTensor>, List<SourceTensor>> change)
    {
        List<SourceTensor> tensors = change(model.Tensors);
        WeightMapping mapping = MappingCatalog.BuiltIn.Find(model.Config, tensors);
        return Assert.Throws<CheckpointMismatchException>(() => mapping.Compile(model.Config, tensors));
    }
}
