using Importer.Training.Events;
using SafeTensorSharp;

namespace Importer.Training.Tests.Run;

[Collection(TorchCollection.Name)]
public sealed class SavingTests : IDisposable
{
    private readonly Lab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData("5", 12, new long[] { 5, 10, 12 })] // the tail is saved
    [InlineData("1000", 10, new long[] { 10 })] // an interval beyond the end
    [InlineData("4", 12, new long[] { 4, 8, 12 })] // the last one is not saved twice
    [InlineData("auto", 30, new long[] { 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30 })]
    public async Task Saves_at_every_interval_and_at_the_end_and_not_at_step_0(string interval, long steps, long[] expected)
    {
        await _lab.RunAsync(_lab.Options with { SaveInterval = interval, MaxIters = steps, EvalInterval = 1000, KeepBest = 0 });
        Assert.Equal(expected, _lab.Steps());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_checkpoint_before_the_first_update_is_saved_where_it_is_asked_for_and_resumed(bool isEvaluated)
    {
        File.WriteAllText(_lab.Text, isEvaluated ? Lab.Story(220) : Lab.Story(4)[..150]);
        var options = _lab.Options with { SaveAtStart = true };
        Assert.Equal(4, (await TrainingRun.PlanAsync(options)).Saves);
        var log = new Recorder();
        var reference = await _lab.RunAsync(options, log);
        Assert.Equal([0, 4, 8, 12], _lab.Steps());
        var first = _lab.Checkpoints()[0];
        Assert.Equal(isEvaluated ? 4 : 0, log.Evaluations.Count);
        Assert.Equal(("start", log.Evaluations.FirstOrDefault()?.ValidationLoss), (Lab.Record(first).Reason, first.Metric));
        string metrics = Path.Combine(_lab.Out, "metrics.jsonl");
        var whole = MetricsFile.Read(metrics);

        // The evaluation before the first update is in the metrics once, and in no other file.
        var result = await _lab.RunAsync(options with { InitFrom = "resume", ResumeStep = 0 });
        Assert.Equal(Lab.Bits(reference.Checkpoint!), Lab.Bits(result.Checkpoint!));
        Assert.Empty(MetricsComparer.Compare(whole, MetricsFile.Read(metrics)));
        Assert.False(Directory.Exists(Path.Combine(_lab.Out, "logs")));
        Assert.Equal([0, 4, 8, 12, 4, 8, 12], _lab.Steps());
    }

    [Theory]
    [InlineData("20", new long[] { 20, 29, 34, 38, 39 })] // 19 are left, then 10, 5 and 1
    [InlineData(null, new long[] { 20, 29, 34, 38, 39 })] // evaluations are every 20 here
    [InlineData("13", new long[] { 13, 26, 39 })] // nothing is left after the last whole interval
    public async Task Near_the_end_a_run_is_saved_ever_closer(string? interval, long[] expected)
    {
        await _lab.RunAsync(_lab.Options with
        {
            SaveInterval = interval,
            SaveAdaptive = true,
            SaveIntervalMin = 4,
            MaxIters = 39,
            EvalInterval = 20,
            EvalIters = 1,
            KeepBest = 0,
            GradientAccumulationSteps = 1,
        });
        Assert.Equal(expected, _lab.Steps());
    }

    [Fact]
    public async Task Only_better_evaluations_are_saved_where_that_is_asked_for_and_the_end()
    {
        var log = new Recorder();
        await _lab.RunAsync(_lab.Options with { AlwaysSaveCheckpoint = false, EvalInterval = 2, MaxIters = 13, LearningRate = 0.3, MinLr = 0.3, Dropout = 0 }, log);
        var better = log.Evaluations.Where(e => e.IsBest && e.Step > 0).Select(e => e.Step).Append(13).Distinct();
        Assert.Equal(better, _lab.Steps());
        Assert.True(log.Evaluations.Exists(e => !e.IsBest), "every evaluation was better: the test shows nothing");
    }

    [Fact]
    public async Task The_best_evaluation_is_saved_whatever_the_interval_and_has_its_loss()
    {
        var log = new Recorder();
        await _lab.RunAsync(_lab.Options with { SaveInterval = "1000" }, log);
        foreach (var evaluation in log.Evaluations.Where(e => e.IsBest && e.Step > 0))
        {
            Assert.Equal(evaluation.ValidationLoss, Assert.Single(_lab.Checkpoints(), c => c.Step == evaluation.Step).Metric);
        }
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData(null, false)]
    [InlineData("4", true)]
    [InlineData("1000", true)]
    public async Task An_evaluation_that_a_signal_cut_short_is_saved_with_its_loss_when_it_is_made(string? interval, bool always)
    {
        var options = _lab.Options with { InitFrom = "auto", SaveInterval = interval, AlwaysSaveCheckpoint = always };
        await _lab.RunAsync(options with { OutDir = _lab["whole"] });
        foreach (long step in new[] { 8, 12 })
        {
            string directory = _lab[$"stopped-{step}"];
            // After the update and before the evaluation, which looks at the token first.
            Assert.Equal(TrainingRunEnd.Interrupted, (await _lab.RunUntilAsync(options with { OutDir = directory }, step)).End);
            Assert.Equal((step, null), (_lab.Checkpoints(directory)[^1].Step, _lab.Checkpoints(directory)[^1].Metric));
            await _lab.RunAsync(options with { OutDir = directory });
            Assert.Equal(Rated(_lab["whole"]), Rated(directory));
        }

        (long, double?)[] Rated(string directory) => [.. _lab.Checkpoints(directory).Where(c => c.Metric is not null).Select(c => (c.Step, c.Metric))];
    }

    [Fact]
    public async Task Saves_change_no_bit_of_nanoGPT_s_way_of_drawing_where_nothing_is_evaluated()
    {
        // The fixed batch is of the training data then, and no batch that was drawn ahead.
        File.WriteAllText(_lab.Text, Lab.Story(4)[..150]);
        var options = _lab.Options with { NanogptCompat = true, Sampler = "random", SaveInterval = "1000" };
        var whole = await _lab.RunAsync(options with { OutDir = _lab["whole"] });
        Assert.Contains(_lab.Messages, m => m.Text.Contains("nothing is evaluated", StringComparison.Ordinal));
        var often = await _lab.RunAsync(options with { SaveInterval = "2" });
        Assert.Equal(Lab.Bits(whole.Checkpoint!), Lab.Bits(often.Checkpoint!));
        await _lab.RunUntilAsync(options with { OutDir = _lab["stopped"] }, 5);
        var second = await _lab.RunAsync(options with { OutDir = _lab["stopped"], InitFrom = "resume" });
        Assert.Equal(Lab.Bits(whole.Checkpoint!), Lab.Bits(second.Checkpoint!));
    }

    [Fact]
    public async Task In_compat_an_evaluation_that_was_saved_is_not_drawn_for_again()
    {
        var options = _lab.Options with { NanogptCompat = true, Sampler = "random" };
        var whole = await _lab.RunAsync(options with { OutDir = _lab["whole"] });
        await _lab.RunUntilAsync(options with { OutDir = _lab["stopped"] }, 6);
        var second = await _lab.RunAsync(options with { OutDir = _lab["stopped"], InitFrom = "resume", ResumeStep = 4 });
        Assert.Equal(Lab.Bits(whole.Checkpoint!), Lab.Bits(second.Checkpoint!));
    }

    [Fact]
    public async Task Minutes_trigger_saves_and_any_save_restarts_them()
    {
        var time = new ManualTime();
        var clock = new Lab.Each(step => time.Advance(TimeSpan.FromMinutes(1)));
        await Lab.RunAsync(
            _lab.Options with { SaveInterval = "5", SaveEveryMinutes = 3, EvalInterval = 1000, KeepBest = 0, MaxIters = 13 },
            new TrainingRunOptions { Observers = [clock], TimeProvider = time });
        Assert.Equal([3, 5, 8, 10, 13], _lab.Steps());
        Assert.Equal(["minutes", "interval", "minutes", "interval", "minutes"], _lab.Checkpoints().Select(c => Lab.Record(c).Reason));
    }

    [Fact]
    public async Task The_window_slides_and_the_best_and_every_Kth_stay()
    {
        var log = new Recorder();
        await _lab.RunAsync(_lab.Options with { EvalInterval = 1, EvalIters = 1, KeepLast = 2, KeepBest = 1, KeepEvery = 5 }, log);
        long best = log.Evaluations.Where(e => e.Step > 0).MinBy(e => e.ValidationLoss)!.Step;
        Assert.Equal(new long[] { 5, 10, 11, 12, best }.Distinct().Order(), _lab.Steps());
    }

    [Fact]
    public async Task Intervals_and_background_saves_change_no_bit()
    {
        string? bits = null;
        foreach (var options in new[]
        {
            _lab.Options,
            _lab.Options with { AsyncSave = true, SaveInterval = "1" },
            _lab.Options with { SaveInterval = "3" },
            _lab.Options with { EvalInterval = 1 },
            _lab.Options with { EvalInterval = 1000, EvalIters = 1 },
        })
        {
            var result = await _lab.RunAsync(options with { OutDir = _lab[Guid.NewGuid().ToString("N")] });
            Assert.Equal(TrainingRunEnd.Completed, result.End);
            Assert.Equal(bits ??= Lab.Bits(result.Checkpoint!), Lab.Bits(result.Checkpoint!));
        }
    }

    [Fact]
    public async Task A_background_save_is_of_its_moment()
    {
        await _lab.RunAsync(_lab.Options with { SaveInterval = "1", OutDir = _lab["now"] });
        await _lab.RunAsync(_lab.Options with { SaveInterval = "1", AsyncSave = true, OutDir = _lab["beside"] });
        Assert.Equal(_lab.Checkpoints(_lab["now"]).Select(Lab.Bits), _lab.Checkpoints(_lab["beside"]).Select(Lab.Bits));
        Assert.Equal(12, _lab.Steps(_lab["beside"]).Length);
    }

    [Fact]
    public async Task Everything_on_the_must_save_list_is_in_a_checkpoint()
    {
        // From other weights, so that there are some to be named.
        var before = await _lab.RunAsync(_lab.Options with { OutDir = _lab["before"], MaxIters = 2 });
        string from = before.Checkpoint!.Directory;
        var options = _lab.Options with { InitFrom = from, MaxIters = 9, EvalInterval = 8, EvalIters = 2, SaveInterval = "3", WeightDecay = 0.25 };
        var log = new Recorder();
        await Lab.RunAsync(options, new TrainingRunOptions { CommandLine = ["train", "--x"], Observers = [log] });
        var checkpoint = _lab.Checkpoints()[^1];
        var record = Lab.Record(checkpoint);
        var state = record.State;
        Assert.Equal(["config.json", "meta.json", "model.safetensors", "optimizer.safetensors", "trainer.json"], checkpoint.Files.Select(file => file.Name).Order());

        // Weights in f32 and the optimizer's state of each of them, by name.
        using (var model = SafeTensorFile.Open(checkpoint.GetPath("model.safetensors")))
        using (var optimizer = SafeTensorFile.Open(checkpoint.GetPath("optimizer.safetensors")))
        {
            Assert.All(model.Header.Tensors, tensor => Assert.Equal(DType.F32, tensor.DType));
            Assert.Contains("transformer.h.1.attn.c_attn.weight", model.Header.Tensors.Select(tensor => tensor.Name));
            Assert.Equal(
                model.Header.Tensors.SelectMany(tensor => new[] { ".exp_avg", ".exp_avg_sq", ".step" }.Select(part => tensor.Name + part)).Order(StringComparer.Ordinal),
                optimizer.Header.Tensors.Select(tensor => tensor.Name).Order(StringComparer.Ordinal));
            Assert.All(model.Header.Tensors, tensor => Assert.Equal(BitConverter.GetBytes(9L), optimizer.ReadBytes(tensor.Name + ".step")));
        }

        // Hyper-parameters of the groups, the schedule and its position, step, epoch, tokens.
        Assert.Equal((0.25, 0.9, 0.95), (record.Options["weight_decay"]!.GetValue<double>(), record.Options["beta1"]!.GetValue<double>(), record.Options["beta2"]!.GetValue<double>()));
        Assert.Equal((9, 9), (state.Step, state.TotalSteps));
        Assert.Equal(log.Steps[^1].LearningRate, state.Schedule.At(8));
        Assert.Equal((9 * 8, 9 * 8 * 16, log.Steps[^1].Epoch), (state.SamplesSeen, state.TokensSeen, state.Epoch));
        Assert.Equal(log.Steps[^1].Epoch, checkpoint.Epoch);

        // The sampler, its seed and the generators: the windows and seeds of an update follow from these.
        Assert.Equal((1337, "epoch"), (state.Seed, record.Options["sampler"]!.GetValue<string>()));
        Assert.Equal(5056, state.RandomState.Length);
        Assert.Empty(state.PendingOffsets);

        // The best loss with its step, patience, running losses, time.
        var best = log.Evaluations.MinBy(evaluation => evaluation.ValidationLoss)!;
        Assert.Equal((best.ValidationLoss, best.Step), (state.BestLoss!.Value, state.BestStep!.Value));
        Assert.Equal(log.Evaluations.Count(evaluation => evaluation.Step > best.Step), state.EvaluationsSinceBest);
        Assert.Equal(9, state.LastEvaluatedStep);
        Assert.Equal(log.Evaluations[^1].Losses, state.LastLosses.Select(item => (item.Key, item.Value)));
        double running = log.Steps.Skip(1).Aggregate(log.Steps[0].Loss, (mean, step) => 0.9 * mean + 0.1 * step.Loss);
        Assert.Equal((log.Steps[^1].Loss, running), (state.LastLoss!.Value, state.RunningLoss!.Value));
        Assert.True(state.ElapsedSeconds > 0);

        // Settings, command line, versions, machine.
        Assert.Equal(options.ToJson().ToJsonString(), record.Options.ToJsonString());
        Assert.Equal(["train", "--x"], record.CommandLine);
        var here = record.Environment;
        Assert.Equal((1, "cpu", "float32", 1), (here.Threads, here.Device, here.Dtype, here.WorldSize));
        Assert.All([here.Version, here.DotNet, here.Torch, here.TorchRuntime, here.Os, here.Blas, here.CpuCapability], text => Assert.NotEmpty(text));

        // Fingerprints of data, tokenizer and the weights that it began with; the batch that is evaluated again.
        Assert.Equal((64, 64), (record.Data!.TrainSha256.Length, record.Data.Tokenizer!.Length));
        Assert.Equal((from, before.Checkpoint.Files.First(file => file.Name == "model.safetensors").Sha256), (record.Base!.Source, record.Base.Sha256));
        Assert.Equal(("val", true), (record.FixedBatchOf, record.FixedBatchLoss is > 0));

        // Lineage, the run's name, and how far its log was when this was saved.
        Assert.Equal(_lab.Checkpoints()[^2].Id, record.ParentId);
        Assert.Equal(record.ParentId, checkpoint.ParentId);
        Assert.Equal(Lab.Record(_lab.Checkpoints()[0]).RunId, record.RunId);
        byte[] metrics = File.ReadAllBytes(Path.Combine(_lab.Out, "metrics.jsonl"));
        long length = record.Observers["metrics"]!["length"]!.GetValue<long>();
        Assert.Equal((byte)'\n', metrics[length - 1]);
        Assert.Contains("\"kind\":\"eval\",\"step\":9", System.Text.Encoding.UTF8.GetString(metrics, 0, (int)length).Split('\n')[^2], StringComparison.Ordinal);
        Assert.Equal("2", checkpoint.Configuration["n_layer"]);
    }
}
