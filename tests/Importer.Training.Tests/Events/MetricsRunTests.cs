using Importer.Training.Events;
using Importer.Training.Tests.Run;

namespace Importer.Training.Tests.Events;

[Collection(TorchCollection.Name)]
public sealed class MetricsRunTests : IDisposable
{
    private readonly Lab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task A_run_that_was_interrupted_has_the_metrics_of_one_that_never_was()
    {
        var options = _lab.Options with { InitFrom = "auto" };
        await _lab.RunAsync(options with { OutDir = _lab["whole"] });
        var whole = MetricsFile.Read(_lab["whole"]);
        Assert.Equal(Enumerable.Range(1, 12).Select(step => (long)step), whole.OfType<StepMetrics>().Select(step => step.Step));
        Assert.Equal([0, 4, 8, 12], whole.OfType<EvaluationMetrics>().Select(evaluation => evaluation.Step));

        foreach (int stop in new[] { 3, 4, 10 })
        {
            string directory = _lab[$"stopped-{stop}"];
            await _lab.RunUntilAsync(options with { OutDir = directory }, stop);
            await _lab.RunAsync(options with { OutDir = directory });
            var metrics = MetricsFile.Read(directory);
            Assert.Empty(MetricsComparer.Compare(whole, metrics));
            Assert.Equal(
                [("start", 0, null), ("end", stop, "interrupted"), ("resume", stop, null), ("end", 12, "completed")],
                metrics.OfType<RunMetrics>().Select(run => (run.Event, run.Step, run.Reason)));
            Assert.Equal(_lab.Checkpoints(directory).Select(checkpoint => (checkpoint.Step, checkpoint.Id)), metrics.OfType<SaveMetrics>().Select(save => (save.Step, save.Id)));
            Assert.All(metrics.OfType<SaveMetrics>(), save => Assert.True(save.Bytes > 0 && save.Timing.Seconds > 0));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_written_after_the_checkpoint_goes_and_so_does_half_a_line(bool background)
    {
        var options = _lab.Options with { InitFrom = "auto", AsyncSave = background };
        await _lab.RunAsync(options);
        var whole = MetricsFile.Read(_lab.Out);
        string path = Path.Combine(_lab.Out, MetricsFile.FileName);
        string[] lines = File.ReadAllLines(path);

        // As a kill leaves it: the newest checkpoint is not there yet, and the last line was being written.
        Directory.Delete(_lab.Checkpoints()[^1].Directory, recursive: true);
        File.WriteAllText(path, string.Join('\n', lines[..^3]) + "\n" + lines[^3][..20]);
        await _lab.RunAsync(options);

        Assert.Empty(MetricsComparer.Compare(whole, MetricsFile.Read(_lab.Out)));
        // A save in the background is noted when it is done, which was among the lines that were lost.
        Assert.Equal(background ? [4, 12] : [4, 8, 12], MetricsFile.Read(_lab.Out).OfType<SaveMetrics>().Select(save => save.Step).Where(step => !background || step != 8));
    }

    [Fact]
    public async Task A_file_that_lost_what_the_checkpoint_counts_on_is_gone_on_with_and_it_is_said()
    {
        var options = _lab.Options with { InitFrom = "auto" };
        await _lab.RunUntilAsync(options, 8);
        string path = Path.Combine(_lab.Out, MetricsFile.FileName);
        File.WriteAllText(path, string.Join('\n', File.ReadAllLines(path).Take(4)) + "\n{\"kind\":\"st");
        await _lab.RunAsync(options);

        var steps = MetricsFile.Read(_lab.Out).OfType<StepMetrics>().Select(step => step.Step).ToArray();
        Assert.Equal(steps.Distinct().Order(), steps);
        Assert.Equal([9, 10, 11, 12], steps.Where(step => step > 8));
        Assert.Contains(_lab.Messages, message => message.Kind == RunMessageKind.Warning && message.Text.Contains("metrics.jsonl", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_run_that_begins_anew_keeps_the_metrics_of_the_one_before()
    {
        await _lab.RunAsync(_lab.Options);
        string before = File.ReadAllText(Path.Combine(_lab.Out, MetricsFile.FileName));
        await _lab.RunAsync(_lab.Options with { Overwrite = true, MaxIters = 2 });

        Assert.Equal([1, 2], MetricsFile.Read(_lab.Out).OfType<StepMetrics>().Select(step => step.Step));
        Assert.Equal(before, File.ReadAllText(Assert.Single(Directory.GetFiles(Path.Combine(_lab.Out, "logs")))));
    }

    [Fact]
    public async Task Lines_are_those_of_the_log_interval_and_the_last()
    {
        await _lab.RunAsync(_lab.Options with { LogInterval = 5 });
        var steps = MetricsFile.Read(_lab.Out).OfType<StepMetrics>().ToArray();
        Assert.Equal([5, 10, 12], steps.Select(step => step.Step));
        Assert.Equal([5 * 128, 10 * 128, 12 * 128], steps.Select(step => step.Tokens));
        Assert.All(steps, step => Assert.True(step.Timing is { TokensPerSecond: > 0, Seconds: > 0, Elapsed: > 0 }));
    }

    [Fact]
    public async Task An_evaluation_of_a_checkpoint_leaves_the_run_s_metrics_alone()
    {
        await _lab.RunAsync(_lab.Options);
        string metrics = File.ReadAllText(Path.Combine(_lab.Out, MetricsFile.FileName));
        var result = await _lab.RunAsync(_lab.Options with { InitFrom = "resume", ResumeStep = 4, EvalOnly = true });
        Assert.Equal(TrainingRunEnd.Evaluated, result.End);
        Assert.Equal(metrics, File.ReadAllText(Path.Combine(_lab.Out, MetricsFile.FileName)));
    }

    [Fact]
    public async Task Nothing_is_written_where_nothing_is_asked_for()
    {
        await _lab.RunAsync(_lab.Options with { Metrics = false, Tensorboard = false });
        Assert.False(File.Exists(Path.Combine(_lab.Out, MetricsFile.FileName)));
        Assert.False(Directory.Exists(Path.Combine(_lab.Out, TensorBoardObserver.FolderName)));
    }

    [Fact]
    public async Task Early_stopping_counts_evaluations_through_a_resume_and_saves_what_was_trained()
    {
        // A learning rate at which nothing is learned: the first evaluation stays the best.
        var options = _lab.Options with { InitFrom = "auto", EvalInterval = 1, LearningRate = 3, MinLr = 3, DecayLr = false, WarmupIters = 0, EarlyStoppingPatience = 3, MaxIters = 50 };
        var whole = await _lab.RunAsync(options with { OutDir = _lab["whole"] });
        var evaluations = MetricsFile.Read(_lab["whole"]).OfType<EvaluationMetrics>().ToArray();
        Assert.Equal(TrainingRunEnd.EarlyStopped, whole.End);
        Assert.Equal([false, false, false], evaluations[^3..].Select(evaluation => evaluation.IsBest));
        Assert.True(evaluations[^4].IsBest);
        Assert.Equal(whole.Step, whole.Checkpoint!.Step);
        Assert.Equal("early_stopped", MetricsFile.Read(_lab["whole"]).OfType<RunMetrics>().Last().Reason);

        await _lab.RunUntilAsync(options, whole.Step - 1);
        var second = await _lab.RunAsync(options);
        Assert.Equal((TrainingRunEnd.EarlyStopped, whole.Step), (second.End, second.Step));
        Assert.Equal(Lab.Bits(whole.Checkpoint), Lab.Bits(second.Checkpoint!));

        // The same command once more: it has ended, and stays so until it is told to be more patient.
        var third = await _lab.RunAsync(options);
        Assert.Equal((TrainingRunEnd.EarlyStopped, whole.Step, false), (third.End, third.Step, third.CanGoOn));
        var patient = await _lab.RunAsync(options with { EarlyStoppingPatience = 4, MaxIters = whole.Step + 1 });
        Assert.Equal(whole.Step + 1, patient.Step);
    }
}
