using System.Runtime.InteropServices;
using Importer.Mapping;
using Importer.Mapping.Language;
using Importer.Mapping.Planning;
using Importer.Mapping.Problems;
using Importer.Models;
using Importer.Models.Layers;
using Importer.Sources;
using Importer.Tests.Transfer;
using Importer.Transfer;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Importer.Tests.Mapping.Corpus;

/// <summary>
/// The checks C1 to C13 of a mapping, over every table in <c>mappings/</c> and every recorded header. What can be proved without a
/// header (C1, C3, C4, C6, C7, C8, C12) is proved when a table is read, see <see cref="BuiltInTableTests"/>; here is the rest, and
/// the same once more in numbers.
/// </summary>
public sealed class CorpusTests
{
    /// <summary>Families whose model there is not yet. A test keeps the list honest.</summary>
    private static readonly string[] WithoutModel = [];

    public static TheoryData<string> Headers => RecordedHeader.Names;

    public static TheoryData<string> SmallHeaders => RecordedHeader.SmallNames;

    public static TheoryData<string> Families => [.. MappingCatalog.BuiltIn.Mappings.Select(mapping => mapping.Family)];

    [Theory]
    [MemberData(nameof(Headers))]
    public void A_recorded_header_is_recognised_and_every_tensor_has_its_fate(string name)
    {
        RecordedHeader header = RecordedHeader.Find(name);
        LoadPlan plan = header.Plan();

        Assert.Equal(header.Family ?? plan.Mapping.Family, plan.Mapping.Family);
        Assert.Equal(header.Parameters ?? plan.Totals.Parameters, plan.Totals.Parameters);
        Assert.Equal(header.Bytes ?? header.Tensors.Sum(tensor => tensor.ByteCount), header.Tensors.Sum(tensor => tensor.ByteCount));
        Assert.Equal(header.Tensors.Count, Fates(plan).Count());
        Assert.Equal(header.Tensors.Select(tensor => tensor.Name).ToHashSet(), Fates(plan).ToHashSet());
    }

    [Theory]
    [MemberData(nameof(Headers))]
    public void C2_symbols_are_positive_whole_numbers(string name)
    {
        RecordedHeader header = RecordedHeader.Find(name);
        List<MappingProblem> problems = [];

        Assert.NotNull(BoundMapping.Bind(header.Mapping().Table, header.Config, new PlanOptions().MaxNames, problems));
        Assert.Empty(problems);
    }

    [Theory]
    [MemberData(nameof(Headers))]
    public void C3_C4_C8_no_key_and_no_parameter_is_named_twice(string name)
    {
        RecordedHeader header = RecordedHeader.Find(name);
        BoundMapping bound = BoundMapping.Bind(header.Mapping().Table, header.Config, new PlanOptions().MaxNames, [])!;
        HashSet<string> sources = [], targets = [];
        char[] buffer = new char[128];
        foreach ((BoundRule rule, int[] values) in BoundMapping.Walk([.. bound.Maps, .. bound.Drops]))
        {
            for (int i = 0; i < rule.SourceCount; i++)
            {
                Template template = rule.Source(i, values);
                Assert.True(sources.Add((template.IsAbsolute ? "^" : "") + new string(buffer, 0, template.Write(ref buffer, "", rule.Rule.Variables, values))));
            }

            for (int i = 0; i < rule.TargetCount; i++)
            {
                Assert.True(targets.Add(new string(buffer, 0, rule.Target(i, values).Write(ref buffer, "", rule.Rule.Variables, values))));
            }
        }

        Assert.All(bound.Ties, tie => Assert.True(targets.Add(tie.Target)));
    }

    [Theory]
    [MemberData(nameof(Headers))]
    public void C5_the_parameters_are_exactly_the_models(string name)
    {
        RecordedHeader header = RecordedHeader.Find(name);
        WeightMapping mapping = header.Mapping();
        if (WithoutModel.Contains(mapping.Family))
        {
            return;
        }

        string type = header.Config.ModelType ?? mapping.ModelTypes[0];
        ModelFamily family = ModelFamily.Find(type)!;
        Dictionary<string, IReadOnlyList<long>> parameters = [];
        using var scope = NewDisposeScope();
        using var model = family.Build(family.ReadConfig(header.Json, name, type), new ParameterScope((parameter, shape) =>
        {
            parameters.Add(parameter, shape);
            return new Parameter(empty(0));
        }));

        Assert.Empty(mapping.CheckTargets(header.Config, parameters));
        Assert.Empty(mapping.ForImported().CheckTargets(header.Config, parameters));
    }

    [Fact]
    public void C5_every_table_has_a_model_or_is_on_the_list_of_those_without()
    {
        foreach (WeightMapping mapping in MappingCatalog.BuiltIn.Mappings)
        {
            bool hasModel = mapping.ModelTypes.Count > 0 && mapping.ModelTypes.All(type => ModelFamily.Find(type) is not null);
            Assert.True(hasModel != WithoutModel.Contains(mapping.Family), mapping.Family);
        }

        Assert.All(WithoutModel, family => Assert.NotNull(MappingCatalog.BuiltIn.Find(family)));
    }

    [Theory]
    [MemberData(nameof(Headers))]
    public void C6_operations_give_the_shapes_that_the_table_promises_and_lose_nothing(string name)
    {
        foreach (PlanRow row in RecordedHeader.Find(name).Plan().Rows)
        {
            long elements = row.Shape.Aggregate(1L, (product, size) => product * size), copied = row.Copies.Sum(copy => copy.Elements);
            Assert.True(row.IsPadded ? copied < elements : copied == elements, row.Target);
            Assert.All(row.Copies, copy => Assert.InRange(copy.SourceOffset + copy.SourceSpan, 1, copy.Source.Shape.Aggregate(1L, (product, size) => product * size)));
        }
    }

    [Theory]
    [MemberData(nameof(Headers))]
    public void C9_one_prefix_fits(string name)
    {
        RecordedHeader header = RecordedHeader.Find(name);
        WeightMapping mapping = header.Mapping();
        BoundMapping bound = BoundMapping.Bind(mapping.Table, header.Config, new PlanOptions().MaxNames, [])!;
        HashSet<string> names = [.. header.Tensors.Select(tensor => tensor.Name)];
        char[] buffer = new char[128];

        Assert.Single(KeyPrefix.Candidates(mapping.Table), prefix => BoundMapping.Walk(bound.Maps).All(step =>
        {
            Template source = step.Rule.Source(0, step.Values);
            return names.Contains(new string(buffer, 0, source.Write(ref buffer, prefix.Before(source), step.Rule.Rule.Variables, step.Values)));
        }));
    }

    [Theory]
    [MemberData(nameof(SmallHeaders))]
    public void C10_what_a_table_does_its_inverse_undoes_element_by_element(string name)
    {
        RecordedHeader header = RecordedHeader.Find(name);
        using MemorySource source = new(), made = new();
        foreach (SourceTensor tensor in header.Tensors)
        {
            // Every element is its own number; a tied copy is its original, or it would be refused.
            byte[] data = MemoryMarshal.AsBytes<int>([.. Enumerable.Range(0, (int)tensor.Shape.Aggregate(1L, (product, size) => product * size))]).ToArray();
            source.Add(tensor.Name, SafeTensorSharp.DType.F32, data, [.. tensor.Shape]);
        }

        LoadPlan plan = header.Mapping().Compile(header.Config, source.Tensors);
        Dictionary<string, byte[]> filled = Transfers.Run(plan, source, staged: false);
        foreach (PlanRow row in plan.Rows)
        {
            made.Add(row.Target, row.DType, filled[row.Target], [.. row.Shape]);
        }

        using RowStream stream = new(made);
        foreach (PlanRow row in plan.Invert(made.Tensors).Rows.Concat(
            plan.Mapping.PlanExport(header.Config, made.Tensors, new ExportPlanOptions { Prefix = plan.Prefix, TiedCopies = false }).Rows))
        {
            using MemoryStream written = new();
            stream.Write(row, written, default);
            Assert.True(source.Data(row.Target).AsSpan().SequenceEqual(written.ToArray()), row.Target);
        }
    }

    [Theory]
    [MemberData(nameof(Headers))]
    public void C11_an_export_of_an_import_has_the_keys_that_went_in(string name)
    {
        RecordedHeader header = RecordedHeader.Find(name);
        LoadPlan plan = header.Plan();
        List<SourceTensor> parameters = ImportedLayoutTests.Written(plan);

        ExportPlan inverse = plan.Invert(parameters, restoreDropped: true);
        ExportPlan export = plan.Mapping.PlanExport(header.Config, parameters, new ExportPlanOptions { Prefix = plan.Prefix, TiedCopies = false });

        HashSet<string> lost = [.. plan.Dropped.Where(drop => drop.Content == DropContent.Unspecified).Select(drop => drop.Source.Name)];
        var expected = header.Tensors.Where(tensor => !lost.Contains(tensor.Name)).Select(tensor => (tensor.Name, Text(tensor.Shape), tensor.DType)).ToHashSet();
        Assert.Equal(expected, inverse.Rows.Select(row => (row.Target, Text(row.Shape), row.DType))
            .Concat(inverse.Generated.Select(tensor => (tensor.Name, Text(tensor.Shape), tensor.DType))).ToHashSet());
        Assert.Equal(plan.Rows.SelectMany(row => row.Sources).Select(tensor => tensor.Name).ToHashSet(), export.Rows.Select(row => row.Target).ToHashSet());
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void C13_every_rule_fires_on_some_header(string family)
    {
        WeightMapping mapping = MappingCatalog.BuiltIn.Find(family)!;
        HashSet<string> fired = [];
        foreach (LoadPlan plan in RecordedHeader.All.Where(header => header.Mapping().Family == family).Select(header => header.Plan()))
        {
            fired.UnionWith(plan.Rows.Select(row => row.Rule.Path));
            fired.UnionWith(plan.Ties.Select(tie => tie.Rule.Path));
            fired.UnionWith(plan.Dropped.Select(drop => drop.Rule.Path));
        }

        IEnumerable<string> rules = mapping.Table.Rules.Select(rule => rule.Location.ToString()).Concat(mapping.Table.Ties.Select(tie => tie.Location.ToString()));
        Assert.DoesNotContain(rules, rule => !fired.Contains(rule.Split(' ')[0]));
    }

    [Fact]
    public void The_corpus_is_small_and_holds_the_models_that_it_should()
    {
        string[] recorded = [.. RecordedHeader.All.Where(header => header.Family is not null).Select(header => header.Name)];

        Assert.Superset(
            new HashSet<string>
            {
                "gpt2", "gpt2-medium", "gpt2-large", "gpt2-xl", "distilgpt2", "dialogpt-medium", "gpt-neo-125m", "minimind2-small", "minimind2", "minimind-3",
                "minimind-3-moe", "smollm2-135m", "smollm2-360m", "llama-3.2-1b", "tinyllama-1.1b", "qwen2-0.5b",
            },
            recorded.ToHashSet());
        Assert.InRange(Directory.EnumerateFiles(Path.Combine(global::Tests.Shared.Repository.Root, "fixtures", "headers")).Sum(path => new FileInfo(path).Length), 1, 1_500_000);
    }

    private static IEnumerable<string> Fates(LoadPlan plan) =>
        plan.Rows.SelectMany(row => row.Sources).Select(source => source.Name).Distinct()
            .Concat(plan.Ties.Select(tie => tie.StoredAs).OfType<string>()).Concat(plan.Dropped.Select(drop => drop.Source.Name));

    private static string Text(IReadOnlyList<long> shape) => string.Join(',', shape);
}
