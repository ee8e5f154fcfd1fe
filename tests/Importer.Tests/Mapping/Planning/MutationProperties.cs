using FsCheck;
using FsCheck.Fluent;
using Importer.Mapping;
using Importer.Mapping.Problems;
using Importer.Sources;

namespace Importer.Tests.Mapping.Planning;

/// <summary>Whatever is done to one tensor of a checkpoint that fits, the report names it.</summary>
public sealed class MutationProperties
{
    private static readonly Gen<Gpt2Headers> Models =
        from layers in Gen.Choose(1, 4)
        from heads in Gen.Choose(1, 5)
        from inner in Gen.Elements<int?>(null, 24, 72)
        from vocabulary in Gen.Choose(2, 300)
        from positions in Gen.Choose(2, 64)
        from prefix in Gen.Elements("", "transformer.")
        from wrapper in Gen.Elements("", "module.", "_orig_mod.", "module._orig_mod.", "_orig_mod.module.")
        from masks in Gen.Elements<SafeTensorSharp.DType?>(null, SafeTensorSharp.DType.F32, SafeTensorSharp.DType.Bool)
        from head in Gen.Elements(true, false)
        from tied in Gen.Elements<bool?>(null, true, false)
        select new Gpt2Headers
        {
            Layers = layers,
            Width = heads * 8,
            Inner = inner,
            Vocabulary = vocabulary,
            Positions = positions,
            Prefix = prefix,
            Wrapper = wrapper,
            Masks = masks,
            MaskedBias = masks is not null,
            Head = head || tied == false,
            TieWordEmbeddings = tied,
        };

    private static readonly Arbitrary<(Gpt2Headers Model, int Choice)> ModelAndTensor = Arb.From(
        from model in Models
        from choice in Gen.Choose(0, 100_000)
        select (model, choice));

    [Fact]
    public void A_checkpoint_of_any_size_and_dialect_fits_with_every_tensor_in_one_place() =>
        Prop.ForAll(Arb.From(Models), model =>
        {
            List<SourceTensor> tensors = model.Tensors;
            LoadPlan plan = model.Plan();
            string[] used =
            [
                .. plan.Rows.Select(row => row.Source.Name), .. plan.Dropped.Select(drop => drop.Source.Name),
                .. plan.Ties.Select(tie => tie.Check?.Copy.Name).OfType<string>(),
            ];

            Assert.Equal(tensors.Select(tensor => tensor.Name).Order(StringComparer.Ordinal), used.Order(StringComparer.Ordinal));
            Assert.Equal(plan.Rows.Count, plan.Rows.Select(row => row.Target).Distinct(StringComparer.Ordinal).Count());
            Assert.Equal(
                tensors.Sum(tensor => tensor.ByteCount), plan.Totals.BytesToRead + plan.Totals.BytesToSkip + plan.Totals.BytesToVerify);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_tensor_that_is_taken_away_is_missed_by_name_unless_it_was_optional() =>
        Prop.ForAll(ModelAndTensor, pair =>
        {
            List<SourceTensor> tensors = pair.Model.Tensors;
            SourceTensor victim = tensors[pair.Choice % tensors.Count];
            tensors.Remove(victim);
            bool head = victim.Name.EndsWith("lm_head.weight", StringComparison.Ordinal);
            bool optional = IsMask(victim) || (head && pair.Model.TieWordEmbeddings != false);

            IReadOnlyList<MappingProblem> problems = Problems(pair.Model, tensors);

            Assert.Equal(optional, problems.Count == 0);
            Assert.True(optional || problems.OfType<MissingTensor>().Any(problem => problem.Name == victim.Name));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_tensor_that_is_renamed_is_unexpected_under_its_new_name() =>
        Prop.ForAll(ModelAndTensor, pair =>
        {
            List<SourceTensor> tensors = pair.Model.Tensors;
            int at = pair.Choice % tensors.Count;
            string name = tensors[at].Name.Insert(pair.Choice / 7 % tensors[at].Name.Length, "x");
            tensors[at] = tensors[at] with { Name = name };

            IReadOnlyList<MappingProblem> problems = Problems(pair.Model, tensors);

            Assert.Contains(problems, problem => problem is UnexpectedTensor unexpected && unexpected.Tensor.Name == name);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_tensor_that_is_reshaped_is_reported_with_its_shape() =>
        Prop.ForAll(ModelAndTensor, pair =>
        {
            List<SourceTensor> tensors = pair.Model.Tensors;
            int at = pair.Choice % tensors.Count;
            long[] shape = (pair.Choice % 3) switch
            {
                0 => [.. tensors[at].Shape, 1],
                1 => [.. tensors[at].Shape.Select(size => size + 1), .. tensors[at].Shape.Count == 0 ? [2L] : Array.Empty<long>()],
                _ => [.. tensors[at].Shape.Prepend(2)],
            };
            tensors[at] = tensors[at] with { Shape = shape };

            IReadOnlyList<MappingProblem> problems = Problems(pair.Model, tensors);

            Assert.Contains(problems, problem => problem switch
            {
                WrongShape wrong => wrong.Name == tensors[at].Name && wrong.Actual.SequenceEqual(shape),
                BrokenTie tie => tie.Copy == tensors[at].Name,
                _ => false,
            });
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_order_of_the_tensors_makes_no_difference() =>
        Prop.ForAll(ModelAndTensor, pair =>
        {
            SourceTensor[] tensors = [.. pair.Model.Tensors];
            LoadPlan plan = pair.Model.Plan();
            new Random(pair.Choice).Shuffle(tensors);

            LoadPlan again = MappingCatalog.BuiltIn.Find(pair.Model.Config, tensors).Compile(pair.Model.Config, tensors);

            Assert.Equal(plan.Rows.Select(row => (row.Target, row.Source.Name)), again.Rows.Select(row => (row.Target, row.Source.Name)));
            Assert.Equal(plan.Totals, again.Totals);
        }).QuickCheckThrowOnFailure();

    private static bool IsMask(SourceTensor tensor) =>
        tensor.Name.EndsWith(".attn.bias", StringComparison.Ordinal) || tensor.Name.EndsWith(".masked_bias", StringComparison.Ordinal);

    private static IReadOnlyList<MappingProblem> Problems(Gpt2Headers model, List<SourceTensor> tensors)
    {
        try
        {
            _ = MappingCatalog.BuiltIn.Find("gpt2")!.Compile(model.Config, tensors);
            return [];
        }
        catch (CheckpointMismatchException exception)
        {
            return exception.Problems;
        }
    }
}
