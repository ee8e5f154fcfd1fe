using Importer.Mapping;
using Importer.Sources;

namespace Importer.Tests.Mapping;

public sealed class MappingCatalogTests
{
    [Fact]
    public void Holds_every_table_of_the_directory()
    {
        string[] families = [.. MappingFiles.Tables.Select(path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal)];

        Assert.Equal(families, MappingCatalog.BuiltIn.Mappings.Select(mapping => mapping.Family));
        Assert.Same(MappingCatalog.BuiltIn, MappingCatalog.BuiltIn);
        Assert.Null(MappingCatalog.BuiltIn.Find("no-such-family"));
    }

    [Theory]
    [InlineData("gpt2")]
    [InlineData(null)]
    public void Finds_GPT2_by_its_keys_with_or_without_a_model_type(string? type)
    {
        Gpt2Headers model = Gpt2Headers.Tiny with { ModelType = type, Wrapper = "module.", Prefix = "transformer." };

        Assert.Equal("gpt2", MappingCatalog.BuiltIn.Find(model.Config, model.Tensors).Family);
    }

    [Fact]
    public void Finds_by_model_type_where_keys_are_missing_so_that_compiling_tells_which()
    {
        List<SourceTensor> tensors = [.. Gpt2Headers.Tiny.Tensors.Where(tensor => tensor.Name != "h.0.attn.c_attn.weight")];

        Assert.Equal("gpt2", MappingCatalog.BuiltIn.Find(Gpt2Headers.Tiny.Config, tensors).Family);
    }

    [Fact]
    public void Lists_what_was_tried_where_nothing_fits_the_nearest_first()
    {
        MappingCatalog catalog = MappingCatalog.BuiltIn.With(Tables.Parse(Tables.Text()));
        Gpt2Headers model = Gpt2Headers.Tiny with { ModelType = "bert" };

        NoMappingException exception = Assert.Throws<NoMappingException>(() => catalog.Find(model.Config, model.Tensors));

        Assert.Equal("gpt2", exception.Attempts[0].Mapping);
        Assert.Equal(catalog.Mappings.Count, exception.Attempts.Count);
        Assert.Equal(43, exception.Attempts[0].MatchedTensors);
        Assert.Contains("not 'bert'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("43 of 43 keys", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_the_keys_that_would_have_told_where_there_is_no_model_type()
    {
        Gpt2Headers model = Gpt2Headers.Tiny with { ModelType = null };
        List<SourceTensor> tensors = [.. model.Tensors.Where(tensor => tensor.Name != "h.0.attn.c_attn.weight")];

        NoMappingException exception = Assert.Throws<NoMappingException>(() => MappingCatalog.BuiltIn.Find(model.Config, tensors));

        Assert.Contains("'h.0.attn.c_attn.weight'", exception.Attempts[0].Reason, StringComparison.Ordinal);
        Assert.Equal(42, exception.Attempts[0].MatchedTensors);
    }

    [Fact]
    public void Lets_the_shapes_decide_between_families_with_the_same_keys()
    {
        WeightMapping conv = Tables.Parse(Tables.Text(family: "conv"));
        WeightMapping linear = Tables.Parse(Tables.Text(family: "linear", map: """["a.{i}.weight", "a.{i}.weight", "F D"]"""));
        MappingCatalog catalog = new([conv, linear]);
        ModelConfigValues config = Gpt2Headers.ConfigOf("""{ "model_type": "test", "n_layer": 1, "d": 2, "f": 3 }""");
        ModelConfigValues square = Gpt2Headers.ConfigOf("""{ "model_type": "test", "n_layer": 1, "d": 3, "f": 3 }""");

        Assert.Same(conv, catalog.Find(config, [Tensor(2, 3)]));
        Assert.Same(linear, catalog.Find(config, [Tensor(3, 2)]));
        NoMappingException exception = Assert.Throws<NoMappingException>(() => catalog.Find(square, [Tensor(3, 3)]));
        Assert.Contains("More than one mapping", exception.Message, StringComparison.Ordinal);

        static SourceTensor Tensor(params long[] shape) => new("a.0.weight", SafeTensorSharp.DType.F32, shape, "f", 0, 4 * shape[0] * shape[1]);
    }

    [Fact]
    public void Takes_a_table_of_the_users_in_the_place_of_its_own()
    {
        WeightMapping mine = Tables.Parse(Tables.Text(family: "gpt2"));

        MappingCatalog catalog = MappingCatalog.BuiltIn.With(mine);

        Assert.Same(mine, catalog.Find("gpt2"));
        Assert.Equal(MappingCatalog.BuiltIn.Mappings.Count, catalog.Mappings.Count);
        Assert.NotSame(mine, MappingCatalog.BuiltIn.Find("gpt2"));
        Assert.Throws<ArgumentException>(() => new MappingCatalog([mine, mine]));
    }

    [Fact]
    public void Finds_the_layout_of_imported_files_by_model_type()
    {
        Assert.Equal("gpt2 (imported)", MappingCatalog.BuiltIn.FindImported(Gpt2Headers.Tiny.Config, []).Name);

        NoMappingException exception = Assert.Throws<NoMappingException>(
            () => MappingCatalog.BuiltIn.FindImported((Gpt2Headers.Tiny with { ModelType = "bert" }).Config, []));
        Assert.Contains("'bert'", exception.Message, StringComparison.Ordinal);

        MappingCatalog two = MappingCatalog.BuiltIn.With(Tables.Parse(Tables.Text()));
        Assert.Throws<NoMappingException>(() => two.FindImported((Gpt2Headers.Tiny with { ModelType = null }).Config, []));
    }
}
