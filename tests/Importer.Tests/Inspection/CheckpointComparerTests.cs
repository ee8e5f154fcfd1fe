using Importer.Conversion;
using Importer.Inspection;
using Importer.Inspection.Comparison;
using SafeTensorSharp;
using Tests.Shared;
using static Importer.Tests.Inspection.StoredModel;

namespace Importer.Tests.Inspection;

public sealed class CheckpointComparerTests : IDisposable
{
    private static readonly string Gpt2 = Repository.Fixture("tiny-gpt2");
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private static Task<CheckpointComparison> Compare(string a, string b, double? tolerance = null, bool raw = false) =>
        CheckpointComparer.CompareAsync(a, b, new() { Tolerance = tolerance, StoredNames = raw });

    private async Task<TensorComparison> Pair(Stored a, Stored b, double? tolerance = null) =>
        Assert.Single((await Compare(Write(_directory["a.safetensors"], a), Write(_directory["b.safetensors"], b), tolerance)).Tensors);

    [Theory]
    [InlineData("tiny-gpt2", "tiny-gpt2", ComparisonNaming.Stored)]
    [InlineData("tiny-gpt2-bin", "tiny-gpt2-bin-legacy", ComparisonNaming.Mapped)]
    [InlineData("tiny-gpt2-sharded", "tiny-gpt2-sharded-bin", ComparisonNaming.Mapped)]
    [InlineData("nanogpt-ckpt", "nanogpt-ckpt", ComparisonNaming.Stored)]
    public async Task The_same_weights_in_other_containers_are_the_same(string a, string b, ComparisonNaming naming)
    {
        var comparison = await Compare(Repository.Fixture(a), Repository.Fixture(b));

        Assert.True(comparison.IsSame);
        Assert.Equal(naming, comparison.Naming);
        Assert.All(comparison.Tensors, tensor => Assert.Equal((0L, 0L, 0.0), (tensor.Elements!.DifferentBits, tensor.Elements.DifferentValues, tensor.Elements.LargestDifference)));
    }

    [Theory]
    [InlineData("tiny-gpt2")]
    [InlineData("tiny-gpt2-prefixed")]
    [InlineData("nanogpt-ckpt")]
    [InlineData("tiny-gpt-neo")]
    [InlineData("tiny-gpt-neox")]
    [InlineData("tiny-opt")]
    public async Task An_import_is_its_source_in_another_layout(string fixture)
    {
        await WeightImporter.ImportAsync(Repository.Fixture(fixture), _directory.Path, new() { Name = "imported" });

        var mapped = await Compare(Repository.Fixture(fixture), _directory["imported"]);
        var raw = await Compare(Repository.Fixture(fixture), _directory["imported"], raw: true);

        Assert.True(mapped.IsSame);
        Assert.Equal(ComparisonNaming.Mapped, mapped.Naming);
        Assert.Equal(ComparisonNaming.Stored, raw.Naming);
        Assert.All(mapped.Tensors, tensor => Assert.True(tensor.SameShape));
    }

    [Fact]
    public async Task A_changed_element_is_found_in_another_layout_at_its_index()
    {
        // c_attn is stored [in, out] and used [out, in].
        string changed = Change(_directory, "tiny-gpt2", "changed", t =>
        {
            if (t.Name == "h.1.attn.c_attn.weight")
            {
                BitConverter.TryWriteBytes(t.Data.AsSpan(4 * (5 * 144 + 7)), 100f);
            }

            return t;
        });
        await WeightImporter.ImportAsync(Gpt2, _directory.Path, new() { Name = "imported" });

        var mapped = await Compare(_directory["imported"], changed);
        var stored = await Compare(Gpt2, changed);

        var tensor = Assert.Single(mapped.Tensors, tensor => !tensor.IsSame);
        Assert.Equal("transformer.h.1.attn.c_attn.weight", tensor.Name);
        Assert.Equal([7, 5], tensor.Elements!.LargestAt!);
        Assert.Equal((1L, 1L, 100.0), (tensor.Elements.DifferentBits, tensor.Elements.DifferentValues, tensor.Elements.ValueInB));
        Assert.Equal([5, 7], Assert.Single(stored.Tensors, tensor => !tensor.IsSame).Elements!.LargestAt!);
        Assert.False(mapped.IsSame);
    }

    [Fact]
    public async Task Names_that_only_one_has_are_told()
    {
        string a = Write(_directory["a.safetensors"], Stored.Of("x", DType.F32, 1f), Stored.Of("y", DType.F32, 1f));
        string b = Write(_directory["b.safetensors"], Stored.Of("x", DType.F32, 1f), Stored.Of("z", DType.F16, (Half)1));

        var comparison = await Compare(a, b);

        Assert.Equal("y", Assert.Single(comparison.OnlyInA).Name);
        Assert.Equal(("z", DType.F16), (Assert.Single(comparison.OnlyInB).Name, comparison.OnlyInB[0].Tensor.DType));
        Assert.True(Assert.Single(comparison.Tensors).IsSame);
        Assert.False(comparison.IsSame);
        Assert.Contains("config.json", Assert.Single(comparison.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_shape_is_told_and_not_compared()
    {
        var tensor = await Pair(new("x", DType.F32, [2, 3], new byte[24]), new("x", DType.F32, [3, 2], new byte[24]), tolerance: 1);

        Assert.Null(tensor.Elements);
        Assert.False(tensor.SameShape || tensor.IsSame);
    }

    [Fact]
    public async Task Another_dtype_with_the_same_values_is_different_unless_values_are_asked_for()
    {
        Stored a = Stored.Of("x", DType.F32, 0.5f, -2f), b = Stored.Of("x", DType.F16, (Half)0.5f, (Half)(-2f));

        var bits = await Pair(a, b);
        var values = await Pair(a, b, tolerance: 0);

        Assert.Equal((null, 0L, false), (bits.Elements!.DifferentBits, bits.Elements.DifferentValues, bits.IsSame));
        Assert.True(values.IsSame);
        Assert.False(values.SameDType);
    }

    [Theory]
    [InlineData(0.0, -0.0, 0L)]
    [InlineData(double.NaN, double.NegativeInfinity, 1L)]
    [InlineData(1.0, double.PositiveInfinity, 1L)]
    [InlineData(double.NegativeInfinity, double.PositiveInfinity, 1L)]
    public async Task Values_that_are_no_plain_numbers_are_told_apart(double a, double b, long differentValues)
    {
        var tensor = await Pair(Stored.Of("x", DType.F64, 7, a), Stored.Of("x", DType.F64, 7, b), tolerance: 1e300);

        Assert.Equal((1L, differentValues), (tensor.Elements!.DifferentBits, tensor.Elements.DifferentValues));
        Assert.Equal(differentValues == 0, tensor.IsSame);
        Assert.Equal(differentValues == 0 ? 0 : double.PositiveInfinity, tensor.Elements.LargestDifference);
        Assert.Equal(double.IsNaN(a) ? 1 : 0, tensor.Elements.NaNsInA);
    }

    [Fact]
    public async Task Another_nan_is_the_same_value_with_other_bits()
    {
        Stored a = Stored.Of("x", DType.F32, 0x7FC00000u), b = Stored.Of("x", DType.F32, 0x7FC00001u);

        var bits = await Pair(a, b);

        Assert.Equal((1L, 0L, 1L, 1L, false), (bits.Elements!.DifferentBits, bits.Elements.DifferentValues, bits.Elements.NaNsInA, bits.Elements.NaNsInB, bits.IsSame));
        Assert.True((await Pair(a, b, tolerance: 0)).IsSame);
    }

    [Fact]
    public async Task A_tolerance_counts_what_is_beyond_it()
    {
        Stored a = Stored.Of("x", DType.F64, 1.0, 2, 3), b = Stored.Of("x", DType.F64, 1.125, 2.25, 3);

        var within = await Pair(a, b, tolerance: 0.25);
        var beyond = await Pair(a, b, tolerance: 0.2);

        Assert.Equal((2L, 0L, true), (within.Elements!.DifferentValues, within.Elements.BeyondTolerance, within.IsSame));
        Assert.Equal((1L, false, 0.25), (beyond.Elements!.BeyondTolerance, beyond.IsSame, beyond.Elements.LargestDifference));
        Assert.Equal([1], beyond.Elements.LargestAt!);
    }

    [Fact]
    public async Task Whole_numbers_beyond_what_a_double_holds_are_told_apart()
    {
        var tensor = await Pair(Stored.Of("x", DType.I64, long.MaxValue), Stored.Of("x", DType.I64, long.MaxValue - 3));

        Assert.Equal((1L, 3.0), (tensor.Elements!.DifferentValues, tensor.Elements.LargestDifference));
    }

    [Theory]
    [InlineData(DType.F4, 1, 2)]
    [InlineData(DType.F6E2M3, 3, 3)]
    [InlineData(DType.C64, 8, 2)]
    [InlineData(DType.Bool, 2, 2)]
    public async Task Every_dtype_is_compared(DType dtype, int bytes, long count)
    {
        byte[] zeros = new byte[bytes], one = new byte[bytes];
        one[^1] = dtype == DType.F4 ? (byte)0x10 : (byte)1;
        long elements = bytes * 8 / DTypes.BitSize(dtype);

        var tensor = await Pair(new("x", dtype, [elements], zeros), new("x", dtype, [elements], one));

        Assert.Equal((count, 1L, 1L), (tensor.Elements!.Count, tensor.Elements.DifferentBits, tensor.Elements.DifferentValues));
    }

    [Fact]
    public async Task Empty_tensors_and_scalars_are_compared()
    {
        Assert.True((await Pair(new("x", DType.F32, [0, 4], []), new("x", DType.F32, [0, 4], []))).IsSame);
        Assert.Empty((await Pair(new("x", DType.F32, [], new byte[4]), new("x", DType.F32, [], [0, 0, 128, 63]))).Elements!.LargestAt!);
    }

    [Fact]
    public async Task Blocks_do_not_matter()
    {
        float[] values = [.. Enumerable.Range(0, 50_000).Select(i => (float)i)];
        float[] changed = [.. values];
        changed[8191] += 1;
        changed[8192] += 5;
        changed[49_999] += 5;

        var tensor = await Pair(Stored.Of("x", DType.F32, values) with { Shape = [5, 10_000] }, Stored.Of("x", DType.F32, changed) with { Shape = [5, 10_000] });

        Assert.Equal((3L, 5.0), (tensor.Elements!.DifferentValues, tensor.Elements.LargestDifference));
        Assert.Equal([0, 8192], tensor.Elements.LargestAt!);
    }

    [Theory]
    [InlineData("\"n_head\": 4", "\"n_head\": 6", "n_head", true)]
    [InlineData("\"layer_norm_epsilon\": 1e-05", "\"layer_norm_epsilon\": 0.00001", null, false)]
    [InlineData("\"torch_dtype\": \"float32\"", "\"torch_dtype\": \"float16\"", "torch_dtype", false)]
    [InlineData("\"n_inner\": null,", "", "n_inner", false)] // no n_inner is 4 * n_embd too
    [InlineData("\"n_inner\": null,", "\"n_inner\": 192,", "n_inner", true)]
    [InlineData("\"n_inner\": null,", "\"n_inner\": null, \"tie_word_embeddings\": true,", "tie_word_embeddings", false)]
    [InlineData("\"n_inner\": null,", "\"n_inner\": null, \"somebodys_own\": true,", "somebodys_own", true)]
    [InlineData("\"n_inner\": null,", "\"n_inner\": null, \"somebodys_own\": \"\\ud800\",", "somebodys_own", true)]
    public async Task Configurations_are_compared_by_field(string text, string by, string? field, bool counts)
    {
        string copy = _directory.CopyFixture("tiny-gpt2"), config = Path.Combine(copy, "config.json");
        string before = File.ReadAllText(config);
        File.WriteAllText(config, before.Replace(text, by, StringComparison.Ordinal));
        Assert.NotEqual(before, File.ReadAllText(config));

        var comparison = await Compare(Gpt2, copy);

        Assert.Equal(!counts, comparison.IsSame);
        Assert.Equal(field, comparison.Config.SingleOrDefault()?.Field);
    }

    [Theory]
    [InlineData("tiny-gpt2")]
    [InlineData("tiny-gpt-neo")]
    [InlineData("tiny-llama")]
    [InlineData("tiny-opt-350m-style")]
    public async Task A_model_is_the_same_as_what_is_exported_of_it(string fixture)
    {
        await Importer.Export.WeightExporter.ExportAsync(Repository.Fixture(fixture), _directory["out"]);

        var comparison = await Compare(Repository.Fixture(fixture), _directory["out"]);

        Assert.True(comparison.IsSame, string.Join("; ", comparison.Config.Where(difference => difference.Counts)));
    }

    [Fact]
    public async Task A_second_copy_of_a_tied_head_that_differs_is_not_lost_among_parameters()
    {
        string a = Change(_directory, "tiny-gpt2", "a", t => t, new Stored("lm_head.weight", DType.F32, [211, 48], new byte[4 * 211 * 48]));

        var comparison = await Compare(a, Gpt2);

        Assert.Equal(ComparisonNaming.Mapped, comparison.Naming);
        Assert.Contains("lm_head.weight", Assert.Single(comparison.BrokenTies), StringComparison.Ordinal);
        Assert.False(comparison.IsSame);
    }

    [Fact]
    public async Task What_is_no_parameter_is_told_not_to_be_compared()
    {
        string a = Change(_directory, "tiny-gpt2", "a", t => t.Name.EndsWith(".attn.bias", StringComparison.Ordinal) ? null : t);

        var comparison = await Compare(a, Gpt2);

        Assert.True(comparison.IsSame);
        Assert.Contains("3 tensors", Assert.Single(comparison.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Progress_comes_to_its_end_and_cancelling_ends_it()
    {
        long last = 0, total = -1;
        using var cancelled = new CancellationTokenSource();

        await CheckpointComparer.CompareAsync(Gpt2, Repository.Fixture("tiny-gpt2-bin"), new() { Progress = new Listener(value => (last, total) = (value.BytesDone, value.BytesTotal)) });

        Assert.Equal(total, last);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => CheckpointComparer.CompareAsync(Gpt2, Gpt2, new() { Progress = new Listener(_ => cancelled.Cancel()) }, cancelled.Token));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public Task A_tolerance_out_of_range_is_refused(double tolerance) =>
        Assert.ThrowsAsync<ArgumentException>(() => Compare(Gpt2, Gpt2, tolerance));

    private sealed class Listener(Action<InspectionProgress> action) : IProgress<InspectionProgress>
    {
        public void Report(InspectionProgress value) => action(value);
    }
}
