using Importer.Conversion;
using Importer.Loading;
using Importer.Mapping;
using Importer.Models.Gpt;
using Importer.Runtime;
using Importer.Sources;
using Importer.Tests.Golden;
using SafeTensorSharp;
using Tests.Shared;
using static TorchSharp.torch;

namespace Importer.Tests.Loading;

public sealed class FromPretrainedTests
{
    private static GptModel Load(string path, PretrainedOptions? options = null) =>
        GptModel.FromPretrained(path, options ?? new PretrainedOptions { Device = CPU });

    [Theory]
    [MemberData(nameof(GptGoldenTests.Names), MemberType = typeof(GptGoldenTests))]
    public void Every_parameter_equals_its_source_bit_for_bit_transposed_where_the_table_says_so(string name)
    {
        using var directory = ModelDirectory.Open(Repository.Fixture(name));
        var dtype = directory.Weights.Tensors[0].DType;
        using var model = Load(directory.Path, new PretrainedOptions { Device = CPU, DType = TorchDTypes.ToTorch(dtype) });
        var plan = directory.Plan(null);

        Assert.Equal(plan.Rows.Select(row => row.Target).Order(), model.named_parameters().Select(p => p.name).Order());
        foreach (var row in plan.Rows)
        {
            Assert.True(Expected(directory, row).AsSpan().SequenceEqual(model.get_parameter(row.Target)!.bytes), row.Target);
        }
    }

    [Theory]
    [MemberData(nameof(GptGoldenTests.Names), MemberType = typeof(GptGoldenTests))]
    public async Task Every_imported_tensor_equals_its_source_bit_for_bit_transposed_where_the_table_says_so(string name)
    {
        using var temporary = new TemporaryDirectory();
        using var directory = ModelDirectory.Open(Repository.Fixture(name));
        var plan = directory.Plan(null);

        string imported = (await WeightImporter.ImportAsync(directory.Path, temporary.Path)).Directory;
        using var file = SafeTensorFile.Open(Path.Combine(imported, "model.safetensors"));
        using var model = Load(imported, new PretrainedOptions { Device = CPU, DType = TorchDTypes.ToTorch(directory.Weights.Tensors[0].DType) });

        Assert.True(model.LoadReport!.IsMapped);
        Assert.Equal(plan.Rows.Select(row => row.Target).Order(), file.Header.Tensors.Select(tensor => tensor.Name).Order());
        foreach (var row in plan.Rows)
        {
            byte[] expected = Expected(directory, row);
            Assert.Equal(row.Source.DType, file.Header[row.Target].DType);
            Assert.True(expected.AsSpan().SequenceEqual(file.ReadBytes(row.Target)), row.Target);
            Assert.True(expected.AsSpan().SequenceEqual(model.get_parameter(row.Target)!.bytes), row.Target);
        }
    }

    [Theory]
    [InlineData("tiny-gpt2-prefixed")]
    [InlineData("tiny-gpt2-sharded")]
    [InlineData("variant-gelu-new")]
    public void The_path_through_staging_buffers_fills_the_same_parameters(string name)
    {
        // Without a CUDA device the uploader's device is the CPU; the path is the same but for the pinning.
        using var scope = NewDisposeScope();
        using var directory = ModelDirectory.Open(Repository.Fixture(name));
        using var model = Load(directory.Path);
        using var uploader = new StagedUploader(CPU, float32);
        foreach (var row in directory.Plan(DType.F32).Rows)
        {
            var planned = new PlannedParameter(row, row.Shape[0]);
            long done = 0;
            using var uploaded = uploader.Upload(planned, directory.Weights, bytes => done += bytes, default);

            Assert.True(uploaded.bytes.SequenceEqual(model.get_parameter(row.Target)!.bytes), row.Target);
            Assert.Equal(row.Source.ByteCount, done);
        }
    }

    [Fact]
    public void A_smaller_block_size_keeps_the_first_positions_and_changes_no_logit()
    {
        using var scope = NewDisposeScope();
        using var whole = Load(Repository.Fixture("tiny-gpt2"));
        using var cropped = Load(Repository.Fixture("tiny-gpt2"), new PretrainedOptions { Device = CPU, BlockSize = 20 });
        var ids = arange(0, 20, int64).view(1, 20);

        Assert.Equal(20, cropped.Config.BlockSize);
        Assert.Equal(new long[] { 20, 48 }, cropped.Decoder.Positions.Weight.shape);
        Assert.Equal(64, cropped.LoadReport!.Cropped["transformer.wpe.weight"]);
        Assert.True(whole.call(ids).allclose(cropped.call(ids), rtol: 0, atol: 0));
        Assert.Throws<ArgumentException>(() => cropped.call(zeros([1, 21], int64)));
    }

    [Fact]
    public void A_larger_block_size_than_the_checkpoints_is_refused() =>
        Assert.Throws<ArgumentException>(() => Load(Repository.Fixture("tiny-gpt2"), new PretrainedOptions { Device = CPU, BlockSize = 65 }));

    [Fact]
    public void The_report_says_what_was_done()
    {
        var reports = new List<LoadProgress>();
        using var model = Load(
            Repository.Fixture("tiny-gpt2-prefixed"),
            new PretrainedOptions { Device = CPU, Progress = new Relay<LoadProgress>(p => { lock (reports) { reports.Add(p); } }) });
        var report = model.LoadReport!;

        Assert.Equal("gpt2", report.Mapping);
        Assert.Equal("transformer.", report.Prefix);
        Assert.Equal("transformer.wte.weight", report.Tied["lm_head.weight"]);
        Assert.Equal(DType.BF16, report.Converted["transformer.wte.weight"]);
        Assert.Equal(report.Loaded.Count, report.Converted.Count);
        Assert.Equal(model.Config.ParameterCount * 4, report.ParameterBytes);
        Assert.Equal(model.Config.ParameterCount * 2, report.BytesRead);
        Assert.False(report.IsMapped);
        Assert.Equal(report.BytesRead, reports.Max(p => p.BytesDone));
        Assert.All(reports, p => Assert.Equal(report.BytesRead, p.BytesTotal));
    }

    [Fact]
    public void Masks_are_dropped_and_not_read()
    {
        using var model = Load(Repository.Fixture("tiny-gpt2"));

        Assert.Equal(["h.0.attn.bias", "h.1.attn.bias", "h.2.attn.bias"], model.LoadReport!.Dropped.Order());
        Assert.Equal(model.Config.ParameterCount * 4, model.LoadReport.BytesRead);
    }

    [Fact]
    public void Evaluation_is_the_default_and_training_with_dropout_an_option()
    {
        using var scope = NewDisposeScope();
        using var mode = no_grad();
        using var evaluating = Load(Repository.Fixture("tiny-gpt2"));
        using var training = Load(Repository.Fixture("tiny-gpt2"), new PretrainedOptions { Device = CPU, Training = true, Dropout = 0.5 });
        var ids = arange(0, 16, int64).view(1, 16);

        Assert.False(evaluating.training);
        Assert.True(training.training);
        Assert.Equal(0.5, training.Config.ResidualDropout);
        Assert.True(evaluating.call(ids).allclose(evaluating.call(ids), rtol: 0, atol: 0));
        Assert.False(training.call(ids).allclose(training.call(ids)));
    }

    [SkippableFact]
    public void A_model_outlives_the_scope_it_was_loaded_in_and_leaves_nothing_when_disposed()
    {
        SkipWhereTensorsAreNotCountedExactly();
        long before = LiveTensors.Settle();
        GptModel model;
        using (NewDisposeScope())
        {
            model = Load(Repository.Fixture("tiny-gpt2"));
        }

        using (NewDisposeScope())
        {
            Assert.Equal([1, 3, 211], model.call(arange(0, 3, int64).view(1, 3)).shape);
        }

        model.Dispose();
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void One_parameter_changed_in_place_does_not_disturb_the_gradient_of_another()
    {
        // Parameters share an allocation, but no version counter.
        using var scope = NewDisposeScope();
        using var model = Load(Repository.Fixture("tiny-gpt2"));
        var ids = arange(0, 8, int64).view(1, 8);
        var loss = model.Loss(ids, ids);
        using (no_grad())
        {
            model.get_parameter("transformer.wpe.weight")!.add_(1);
        }

        loss.backward();
        Assert.NotNull(model.get_parameter("transformer.h.0.mlp.c_fc.weight")!.grad);
    }

    [SkippableFact]
    public async Task Cancelling_frees_what_was_allocated()
    {
        SkipWhereTensorsAreNotCountedExactly();
        long before = LiveTensors.Settle();
        using var source = new CancellationTokenSource();
        var options = new PretrainedOptions { Device = CPU, Progress = new Relay<LoadProgress>(_ => source.Cancel()) };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => GptModel.FromPretrainedAsync(Repository.Fixture("tiny-gpt2"), options, source.Token));

        Assert.Equal(before, Tensor.TotalCount);
    }

    [Theory]
    [InlineData(ScalarType.Int64)]
    [InlineData(ScalarType.ComplexFloat32)]
    public void A_dtype_that_no_parameter_can_have_is_refused(ScalarType dtype) =>
        Assert.Throws<ArgumentException>(() => Load(Repository.Fixture("tiny-gpt2"), new PretrainedOptions { DType = dtype }));

    private static void SkipWhereTensorsAreNotCountedExactly() =>
        Skip.If(TorchEnvironment.Current().Runtime != "system", "TorchSharp 0.107 counts a Parameter's tensor twice and frees it once.");

    /// <summary>The bytes that a row's parameter must have: known from the layout of transformers' Conv1D, not from the plan.</summary>
    private static byte[] Expected(ModelDirectory directory, PlanRow row)
    {
        byte[] source = new byte[row.Source.ByteCount];
        directory.Weights.Read(row.Source, 0, source);
        bool transposed = row.Source.Name.Contains(".c_", StringComparison.Ordinal) && row.Source.Shape.Count == 2;
        return transposed ? Transposed(source, row.Source.Shape[0], row.Source.Shape[1], DTypes.BitSize(row.Source.DType) / 8) : source;
    }

    private static byte[] Transposed(byte[] source, long rows, long columns, int size)
    {
        var result = new byte[source.Length];
        for (long r = 0; r < rows; r++)
        {
            for (long c = 0; c < columns; c++)
            {
                source.AsSpan((int)((r * columns + c) * size), size).CopyTo(result.AsSpan((int)((c * rows + r) * size)));
            }
        }

        return result;
    }

    private sealed class Relay<T>(Action<T> report) : IProgress<T>
    {
        public void Report(T value) => report(value);
    }
}
