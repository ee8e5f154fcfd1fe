using Tests.Shared;

namespace Importer.Training.Tests.Run;

[Collection(TorchCollection.Name)]
public sealed class RefusalTests : IDisposable
{
    private readonly Lab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData("scratch")]
    [InlineData("tiny-gpt2")]
    public async Task A_fresh_run_among_checkpoints_is_refused_and_nothing_on_disk_changes(string init)
    {
        await _lab.RunAsync(_lab.Options);
        string before = Lab.Tree(_lab.Out);
        var error = await Assert.ThrowsAsync<RunDirectoryInUseException>(() => _lab.RunAsync(_lab.Options with { InitFrom = init == "scratch" ? init : Repository.Fixture(init) }));
        Assert.Equal(3, error.Found.Count);
        Assert.Equal(before, Lab.Tree(_lab.Out));
    }

    [Theory]
    [InlineData("scratch")]
    [InlineData("auto")]
    public async Task An_evaluation_changes_nothing_in_a_run_s_directory(string init)
    {
        await _lab.RunAsync(_lab.Options);
        string before = Lab.Tree(_lab.Out);
        var log = new Recorder();
        var result = await _lab.RunAsync(_lab.Options with { InitFrom = init, EvalOnly = true, EarlyStoppingPatience = 1 }, log);
        Assert.Null(result.Error);
        Assert.Equal((TrainingRunEnd.Evaluated, init == "auto" ? 12 : 0), (result.End, result.Step));
        var evaluation = Assert.Single(log.Evaluations);
        Assert.Equal(evaluation.Losses, result.Losses.Select(item => (item.Key, item.Value)));
        Assert.Equal(before, Lab.Tree(_lab.Out));
    }

    [Fact]
    public async Task An_evaluation_with_nothing_to_evaluate_is_an_error()
    {
        File.WriteAllText(_lab.Text, Lab.Story(2));
        var result = await _lab.RunAsync(_lab.Options with { EvalOnly = true });
        Assert.StartsWith("The data to evaluate on has ", Assert.IsType<TooFewTokensException>(result.Error).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("resum", "auto", "init_from is 'resum'; it is scratch, resume, auto, a model's id or a directory (is resume meant?)")]
    [InlineData("Scratch", "auto", "is scratch meant?")]
    [InlineData("auto", "scrach", "auto_init_from is 'scrach'; it is scratch, a model's id or a directory (is scratch meant?)")]
    public async Task A_misspelt_beginning_is_told_its_choices(string init, string autoInit, string expected)
    {
        var options = _lab.Options with { InitFrom = init, AutoInitFrom = autoInit is "auto" ? "scratch" : autoInit };
        Assert.Contains(expected, (await Assert.ThrowsAsync<TrainingConfigurationException>(() => _lab.RunAsync(options))).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_lab.Out));
    }

    [Fact]
    public async Task A_micro_step_that_no_array_holds_is_refused_at_once()
    {
        var error = await Assert.ThrowsAsync<TrainingConfigurationException>(() => TrainingRun.PlanAsync(_lab.Options with { BatchSize = 2_000_000_000 }));
        Assert.Equal(["batch_size"], error.Names);
    }

    [Fact]
    public async Task The_disk_of_a_directory_that_is_not_there_yet_is_its_parent_s()
    {
        var plan = await TrainingRun.PlanAsync(_lab.Options with { OutDir = _lab["not/yet/there"] });
        Assert.True(plan.Disk.AvailableBytes > 0);
        Assert.False(Directory.Exists(_lab["not"]));
    }

    [Theory]
    [InlineData(12, true, true)]
    [InlineData(11, true, false)]
    [InlineData(12, false, false)]
    public async Task A_warm_up_that_outlasts_the_run_is_said(long warmup, bool decays, bool isSaid)
    {
        await TrainingRun.PlanAsync(_lab.Options with { WarmupIters = warmup, DecayLr = decays, LearningRate = 1e-2 }, _lab.Logged());
        Assert.Equal(isSaid, _lab.Messages.Exists(m => m.Kind == RunMessageKind.Warning && m.Text.StartsWith($"warmup_iters is {warmup}, and the run has 12 updates: the learning rate only rises, to 9.23e-3", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_plan_that_saves_only_what_is_better_says_what_that_may_cost()
    {
        var plan = await TrainingRun.PlanAsync(_lab.Options);
        Assert.Equal((false, 4), (plan.SavesOnlyBetter, plan.StepsAtRisk));
        plan = await TrainingRun.PlanAsync(_lab.Options with { AlwaysSaveCheckpoint = false, SaveEveryMinutes = 2 });
        Assert.Equal((true, 12, TimeSpan.FromMinutes(2)), (plan.SavesOnlyBetter, plan.StepsAtRisk, plan.TimeAtRisk));
        plan = await TrainingRun.PlanAsync(_lab.Options with { AlwaysSaveCheckpoint = false, SaveInterval = "3" });
        Assert.Equal((false, 3), (plan.SavesOnlyBetter, plan.StepsAtRisk));
        Assert.Equal(0, (await TrainingRun.PlanAsync(_lab.Options with { MaxIters = 0 })).StepsAtRisk);
        await _lab.RunUntilAsync(_lab.Options, 10);
        plan = await TrainingRun.PlanAsync(_lab.Options with { InitFrom = "resume", AlwaysSaveCheckpoint = false });
        Assert.Equal((true, 2), (plan.SavesOnlyBetter, plan.StepsAtRisk));
    }

    [Fact]
    public async Task Overwriting_keeps_the_newest_whole_checkpoint_in_backups()
    {
        var first = await _lab.RunAsync(_lab.Options);
        var second = await _lab.RunAsync(_lab.Options with { Overwrite = true, Seed = 2 });
        Assert.NotEqual(Lab.Bits(first.Checkpoint!), Lab.Bits(second.Checkpoint!));
        Assert.DoesNotContain(_lab.Checkpoints(), c => c.Id == first.Checkpoint!.Id);
        var backup = CheckpointStorage.CheckpointStore.Identify(Path.Combine(_lab.Out, "backups", first.Checkpoint!.Id));
        Assert.Equal(Lab.Bits(first.Checkpoint), Lab.Bits(backup));
    }

    [Fact]
    public async Task A_directory_with_files_that_are_no_run_s_is_refused()
    {
        Directory.CreateDirectory(_lab.Out);
        File.WriteAllText(Path.Combine(_lab.Out, "thesis.txt"), "mine");
        string before = Lab.Tree(_lab.Out);
        var error = await Assert.ThrowsAsync<RunDirectoryInUseException>(() => _lab.RunAsync(_lab.Options with { InitFrom = "auto" }));
        Assert.Equal(["thesis.txt"], error.Found);
        Assert.Equal(before, Lab.Tree(_lab.Out));
        Assert.Equal(TrainingRunEnd.Completed, (await _lab.RunAsync(_lab.Options with { Overwrite = true })).End);
        error = await Assert.ThrowsAsync<RunDirectoryInUseException>(() => _lab.RunAsync(_lab.Options with { OutDir = _lab.Text }));
        Assert.EndsWith("story.txt is a file, and the run needs a directory. Choose another out_dir.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changed_data_is_refused_unless_it_is_allowed()
    {
        await _lab.RunUntilAsync(_lab.Options, 5);
        File.WriteAllText(_lab.Text, Lab.Story(219));
        var error = await Assert.ThrowsAsync<DataChangedException>(() => _lab.RunAsync(_lab.Options with { InitFrom = "resume" }));
        Assert.Contains(error.Differences, difference => difference.Contains("SHA-256", StringComparison.Ordinal) || difference.Contains("tokens", StringComparison.Ordinal));
        Assert.Equal([4, 5], _lab.Steps());
        _lab.Messages.Clear();
        Assert.Equal(TrainingRunEnd.Completed, (await _lab.RunAsync(_lab.Options with { InitFrom = "resume", AllowDataChange = true })).End);
        Assert.Contains(_lab.Messages, m => m.Kind == RunMessageKind.Warning && m.Text.StartsWith("The data has changed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_checkpoint_s_architecture_wins_and_other_settings_are_named_one_by_one()
    {
        await _lab.RunUntilAsync(_lab.Options, 5);
        _lab.Messages.Clear();
        var result = await _lab.RunAsync(_lab.Options with { InitFrom = "resume", NLayer = 3, NEmbd = 32, LearningRate = 2e-2, BatchSize = 2 });
        Assert.Equal(TrainingRunEnd.Completed, result.End);
        Assert.Equal("2", result.Checkpoint!.Configuration["n_layer"]);
        string[] warnings = [.. _lab.Messages.Where(m => m.Kind == RunMessageKind.Warning).Select(m => m.Text)];
        Assert.Contains(warnings, w => w.StartsWith("n_layer: 3 was given", StringComparison.Ordinal));
        Assert.Contains(warnings, w => w.StartsWith("n_embd: 32 was given", StringComparison.Ordinal));
        Assert.Contains(warnings, w => w.StartsWith("learning_rate: was 0.01, is 0.02", StringComparison.Ordinal));
        Assert.Contains(warnings, w => w.StartsWith("batch_size: was 4, is 2", StringComparison.Ordinal));
        Assert.DoesNotContain(warnings, w => w.StartsWith("n_head", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_nobody_gives_at_resuming_is_the_checkpoint_s()
    {
        var reference = await _lab.RunAsync(_lab.Options with { OutDir = _lab["whole"] });
        await _lab.RunUntilAsync(_lab.Options, 5);
        var result = await _lab.RunAsync(new TrainingOptions { InitFrom = "resume", OutDir = _lab.Out });
        Assert.Equal(Lab.Bits(reference.Checkpoint!), Lab.Bits(result.Checkpoint!));
    }

    [Fact]
    public async Task Another_number_of_threads_is_said_and_strict_refuses()
    {
        await _lab.RunUntilAsync(_lab.Options, 5);
        var other = _lab.Options with { InitFrom = "resume", Threads = 2 };
        var refused = await _lab.RunAsync(other with { Strict = true });
        Assert.Contains(Assert.IsType<ResumeCheckException>(refused.Error).Differences, d => d.Contains("threads: was 1, is 2", StringComparison.Ordinal));
        _lab.Messages.Clear();
        Assert.Equal(TrainingRunEnd.Completed, (await _lab.RunAsync(other)).End);
        Assert.Contains(_lab.Messages, m => m.Kind == RunMessageKind.Warning && m.Text.Contains("threads: was 1, is 2", StringComparison.Ordinal) && m.Text.Contains("bit", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_checkpoint_that_another_device_saved_is_gone_on_with_here_and_strict_refuses()
    {
        var reference = await _lab.RunAsync(_lab.Options with { OutDir = _lab["whole"] });
        await _lab.RunUntilAsync(_lab.Options, 5);
        var last = _lab.Checkpoints()[^1];
        var record = Lab.Record(last);
        await ResaveAsync(last, record with { Environment = record.Environment with { Device = "cuda:0", DeviceNames = "NVIDIA H200", DeviceCount = 1 } });
        var resume = _lab.Options with { InitFrom = "resume" };
        Assert.Contains("device: was cuda:0, is cpu", Assert.IsType<ResumeCheckException>((await _lab.RunAsync(resume with { Strict = true })).Error).Differences);
        var result = await _lab.RunAsync(resume);
        Assert.Contains(_lab.Messages, m => m.Kind == RunMessageKind.Warning && m.Text.StartsWith("device: was cuda:0, is cpu: ", StringComparison.Ordinal));
        Assert.Equal(Lab.Bits(reference.Checkpoint!), Lab.Bits(result.Checkpoint!));
    }

    [Theory]
    [InlineData("4", true)]
    [InlineData("5", false)]
    [InlineData("10", false)]
    [InlineData("11", true)]
    [InlineData("auto", false)]
    [InlineData(null, false)]
    public async Task An_interval_that_loses_much_in_a_crash_or_costs_much_time_is_warned_of_once(string? interval, bool isWarned)
    {
        await TrainingRun.PlanAsync(_lab.Options with { MaxIters = 100, SaveInterval = interval }, _lab.Logged());
        Assert.Equal(
            isWarned ? 1 : 0,
            _lab.Messages.Count(m => m.Kind == RunMessageKind.Warning && m.Text.StartsWith($"save_interval is {interval}; for 100 updates something from 5 to 10 ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_checkpoint_whose_fixed_batch_has_another_loss_is_refused()
    {
        await _lab.RunUntilAsync(_lab.Options, 5);
        var last = _lab.Checkpoints()[^1];
        var record = Lab.Record(last);
        await ResaveAsync(last, record with { FixedBatchLoss = record.FixedBatchLoss + 1e-6 });
        var result = await _lab.RunAsync(_lab.Options with { InitFrom = "resume" });
        Assert.Contains("fixed batch", Assert.IsType<ResumeCheckException>(result.Error).Message, StringComparison.Ordinal);
        Assert.Equal(5, result.Step);

        // In another environment so little is rounding; what is more than that is not.
        await ResaveAsync(last, record with { FixedBatchLoss = record.FixedBatchLoss + 0.1, Environment = record.Environment with { Torch = "0.1" } });
        Assert.IsType<ResumeCheckException>((await _lab.RunAsync(_lab.Options with { InitFrom = "resume" })).Error);
        await ResaveAsync(last, record with { FixedBatchLoss = record.FixedBatchLoss + 1e-6, Environment = record.Environment with { Torch = "0.1" } });
        Assert.Equal(TrainingRunEnd.Completed, (await _lab.RunAsync(_lab.Options with { InitFrom = "resume" })).End);
        Assert.Contains(_lab.Messages, m => m.Kind == RunMessageKind.Warning && m.Text.Contains("within what another environment explains", StringComparison.Ordinal));

        // What is the same is said.
        await _lab.RunAsync(_lab.Options with { InitFrom = "resume", ResumeStep = 4 });
        Assert.Contains(_lab.Messages, m => m.Kind == RunMessageKind.Info && m.Text.StartsWith("The fixed batch has the loss that was saved: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_longer_run_goes_on_under_the_policy_for_the_learning_rate()
    {
        await _lab.RunAsync(_lab.Options);
        foreach (var (policy, expected) in new[] { ("keep", 1e-3), ("constant", 1.22e-3) })
        {
            var log = new Recorder();
            await _lab.RunAsync(_lab.Options with { InitFrom = "resume", ResumeStep = 12, MaxIters = 15, LrScheduleOnExtend = policy }, log);
            Assert.Equal([13, 14, 15], log.Steps.Select(step => step.Step));
            Assert.Single(_lab.Messages, m => m.Kind == RunMessageKind.Info && m.Text.Contains("planned with 12 updates and now has 15", StringComparison.Ordinal)
                && m.Text.EndsWith($"(lr_schedule_on_extend {policy})", StringComparison.Ordinal));
            Assert.All(log.Steps, step => Assert.Equal(expected, step.LearningRate, 1e-4));
        }

        // Without an update between: back to the end that was planned, with a rate of nothing.
        await _lab.RunAsync(_lab.Options with { InitFrom = "resume", ResumeStep = 12, MaxIters = 13, MinLr = 0 });
        Assert.Contains(_lab.Messages, m => m.Kind == RunMessageKind.Warning && m.Text.EndsWith("so nothing more is learned", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Too_little_room_is_said_before_the_run()
    {
        var plan = await TrainingRun.PlanAsync(_lab.Options);
        Assert.False(Directory.Exists(_lab.Out), "a plan made the directory");
        Assert.Equal((0, 12, 128), (plan.FirstStep, plan.TotalSteps, plan.TokensPerStep));
        Assert.InRange(plan.CheckpointBytes, plan.Parameters * 12, plan.Parameters * 12 + (1 << 20));
        Assert.Equal(3, plan.Saves);
        await Assert.ThrowsAsync<CheckpointStorage.InsufficientDiskSpaceException>(() => _lab.RunAsync(
            _lab.Options with { NEmbd = 1 << 16, NHead = 1, NLayer = 10_000 }));
    }

    [Theory]
    [InlineData("config.json", "x")]
    [InlineData("config.json", "[1]")]
    [InlineData("config.json", "{\"model_type\": 7}")]
    [InlineData("trainer.json", "x")]
    [InlineData("trainer.json", "{\"format\": \"training-checkpoint/9\"}")]
    public async Task A_checkpoint_that_is_whole_and_says_nothing_that_can_be_read_is_a_typed_error(string name, string content)
    {
        await _lab.RunUntilAsync(_lab.Options, 5);
        var last = _lab.Checkpoints()[^1];
        await ResaveAsync(last, file => file == name ? System.Text.Encoding.UTF8.GetBytes(content) : File.ReadAllBytes(last.GetPath(file)));
        var error = await Assert.ThrowsAsync<CheckpointContentException>(() => _lab.RunAsync(_lab.Options with { InitFrom = "resume" }));
        Assert.EndsWith(name, error.Path, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_build_or_another_GPU_is_another_environment()
    {
        var was = Training.Checkpoints.RunEnvironment.Current("cpu", "float32");
        Assert.NotNull(was.TorchSharp);
        Assert.Null(was.DeviceNames);
        Assert.Empty(was.Differences(was with { TorchSharp = null }));
        Assert.Equal(["TorchSharp: was 0.1, is " + was.TorchSharp], was.Differences(was with { TorchSharp = "0.1" }));
        Assert.Equal(["device names: was A, is B"], (was with { DeviceNames = "B" }).Differences(was with { DeviceNames = "A" }));
        Assert.Single((was with { Commit = "abc.dirty" }).Differences(was with { Commit = "abc" }));

        foreach (string device in new[] { "0000:02:00.0", "0000:01:00.0" })
        {
            Directory.CreateDirectory(_lab[$"gpus/{device}"]);
            File.WriteAllText(_lab[$"gpus/{device}/information"], $"Model: \t\t NVIDIA X{device[6]}\nIRQ:   \t\t 1\n");
        }

        Assert.Equal("NVIDIA X1, NVIDIA X2", Training.Checkpoints.GpuNames.OfThisMachine(_lab["gpus"]));
        Assert.Null(Training.Checkpoints.GpuNames.OfThisMachine(_lab["nowhere"]));
    }

    [Fact]
    public async Task A_plan_says_what_a_crash_costs_and_what_stays_for_good()
    {
        var options = _lab.Options with { MaxIters = 1000, EvalInterval = 10, KeepLast = 2 };
        var plan = await TrainingRun.PlanAsync(options);
        Assert.Equal((10, null, 5), (plan.StepsAtRisk, plan.TimeAtRisk, plan.Disk.Checkpoints));
        // Nobody knows when a loss is better.
        Assert.Equal(1000, (await TrainingRun.PlanAsync(options with { AlwaysSaveCheckpoint = false })).StepsAtRisk);
        Assert.Equal(10, (await TrainingRun.PlanAsync(options with { AlwaysSaveCheckpoint = false, SaveInterval = "10" })).StepsAtRisk);
        Assert.Equal(TimeSpan.FromMinutes(3), (await TrainingRun.PlanAsync(options with { SaveEveryMinutes = 3 })).TimeAtRisk);
        // 50, 100, ..., 1000.
        Assert.Equal(2 + 1 + 20 + 2, (await TrainingRun.PlanAsync(options with { KeepEvery = 50 })).Disk.Checkpoints);
    }

    private Task ResaveAsync(CheckpointStorage.CheckpointInfo checkpoint, Training.Checkpoints.TrainerRecord record) =>
        ResaveAsync(checkpoint, name => name == "trainer.json" ? record.ToUtf8() : File.ReadAllBytes(checkpoint.GetPath(name)));

    private async Task ResaveAsync(CheckpointStorage.CheckpointInfo checkpoint, Func<string, byte[]> content)
    {
        using var store = CheckpointStorage.CheckpointStore.Open(_lab.Out, new() { Retention = new() { KeepLast = null } });
        await store.SaveAsync(new CheckpointStorage.CheckpointContent
        {
            Step = checkpoint.Step,
            Configuration = checkpoint.Configuration,
            Files =
            [
                .. checkpoint.Files.Select(file => CheckpointStorage.CheckpointFile.FromBytes(file.Name, content(file.Name))),
            ],
        });
    }
}
