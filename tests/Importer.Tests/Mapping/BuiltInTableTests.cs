using System.Text;
using System.Text.Json;
using Importer.Mapping;
using Importer.Mapping.Language;
using Importer.Mapping.Problems;

namespace Importer.Tests.Mapping;

/// <summary>Every file in <c>mappings/</c>, its schema and its guide.</summary>
public sealed class BuiltInTableTests
{
    public static TheoryData<string> Tables => [.. MappingFiles.Tables.Select(path => Path.GetFileName(path)!)];

    [Theory]
    [MemberData(nameof(Tables))]
    public void Has_no_fault(string file)
    {
        byte[] utf8 = File.ReadAllBytes(Path.Combine(MappingFiles.Directory, file));

        Assert.Empty(WeightMapping.Check(utf8, file));
        Assert.Equal(Path.GetFileNameWithoutExtension(file), WeightMapping.Parse(utf8, file).Family);
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public void Names_the_schema_for_editors(string file)
    {
        using JsonDocument table = Read(file);

        string schema = table.RootElement.GetProperty("$schema").GetString()!;
        Assert.True(File.Exists(Path.Combine(MappingFiles.Directory, schema)));
    }

    [Fact]
    public void The_schema_knows_the_properties_that_the_reader_knows_and_no_others()
    {
        using JsonDocument schema = Read("llmap-1.schema.json");
        JsonElement root = schema.RootElement;
        JsonElement properties = root.GetProperty("properties");

        Same(TableProperties.Table, root);
        Same(TableProperties.Detect, properties.GetProperty("detect"));
        Same(TableProperties.Tie, properties.GetProperty("tie").GetProperty("items"));
        Same(TableProperties.Drop, properties.GetProperty("drop").GetProperty("items"));
        Same(TableProperties.MapOptions, root.GetProperty("$defs").GetProperty("mapOptions"));
        Assert.Equal(WeightMapping.Schema, properties.GetProperty("schema").GetProperty("const").GetString());

        static void Same(IReadOnlyList<string> known, JsonElement definition)
        {
            Assert.Equal(known.Order(), definition.GetProperty("properties").EnumerateObject().Select(property => property.Name).Order());
            Assert.False(definition.GetProperty("additionalProperties").GetBoolean());
        }
    }

    [Fact]
    public void The_guides_example_is_a_valid_table()
    {
        string guide = File.ReadAllText(Path.Combine(MappingFiles.Directory, "README.md"));
        int start = guide.IndexOf("```jsonc\n", StringComparison.Ordinal) + "```jsonc\n".Length;
        string example = guide[start..guide.IndexOf("```", start, StringComparison.Ordinal)];

        Assert.Empty(WeightMapping.Check(Encoding.UTF8.GetBytes(example), "README.md"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void GPT2_fills_exactly_the_parameters_of_the_model(bool tied)
    {
        ModelConfigValues config = (Gpt2Headers.Tiny with { TieWordEmbeddings = tied }).Config;
        WeightMapping mapping = MappingCatalog.BuiltIn.Find("gpt2")!;
        Dictionary<string, IReadOnlyList<long>> parameters = Parameters(tied);

        Assert.Empty(mapping.CheckTargets(config, parameters));
        Assert.Empty(mapping.ForImported().CheckTargets(config, parameters));

        parameters["transformer.h.1.attn.c_attn.weight"] = [48, 144];
        parameters.Remove("transformer.h.2.ln_2.bias");
        parameters["transformer.h.0.extra"] = [1];
        IEnumerable<string> names = mapping.CheckTargets(config, parameters).Cast<ParameterMismatch>().Select(problem => problem.Parameter);
        Assert.Equal(
            ["transformer.h.0.extra", "transformer.h.1.attn.c_attn.weight", "transformer.h.2.ln_2.bias"], names.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_tied_head_may_be_listed_among_the_models_parameters_or_not()
    {
        WeightMapping mapping = MappingCatalog.BuiltIn.Find("gpt2")!;
        Dictionary<string, IReadOnlyList<long>> parameters = Parameters(tied: true);
        parameters.Add("lm_head.weight", [211, 48]);

        Assert.Empty(mapping.CheckTargets(Gpt2Headers.Tiny.Config, parameters));

        parameters["lm_head.weight"] = [212, 48];
        MappingProblem problem = Assert.Single(mapping.CheckTargets(Gpt2Headers.Tiny.Config, parameters));
        Assert.Equal("lm_head.weight", Assert.IsType<ParameterMismatch>(problem).Parameter);
    }

    private static Dictionary<string, IReadOnlyList<long>> Parameters(bool tied)
    {
        Dictionary<string, IReadOnlyList<long>> parameters = new()
        {
            ["transformer.wte.weight"] = [211, 48],
            ["transformer.wpe.weight"] = [64, 48],
            ["transformer.ln_f.weight"] = [48],
            ["transformer.ln_f.bias"] = [48],
        };
        for (int i = 0; i < 3; i++)
        {
            string block = $"transformer.h.{i}.";
            foreach ((string name, long outputs, long inputs) in new[]
                { ("attn.c_attn", 144L, 48L), ("attn.c_proj", 48, 48), ("mlp.c_fc", 192, 48), ("mlp.c_proj", 48, 192) })
            {
                parameters.Add($"{block}{name}.weight", [outputs, inputs]);
                parameters.Add($"{block}{name}.bias", [outputs]);
            }

            foreach (string name in new[] { "ln_1.weight", "ln_1.bias", "ln_2.weight", "ln_2.bias" })
            {
                parameters.Add(block + name, [48]);
            }
        }

        if (!tied)
        {
            parameters.Add("lm_head.weight", [211, 48]);
        }

        return parameters;
    }

    private static JsonDocument Read(string file) => JsonDocument.Parse(
        File.ReadAllBytes(Path.Combine(MappingFiles.Directory, file)),
        new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
}
