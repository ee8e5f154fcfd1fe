using CheckpointStorage;
using Importer.Training.Distributed;
using Importer.Training.Events;
using Importer.Training.Tests.Run;

namespace Importer.Training.Tests.Distributed;

/// <summary>Whole runs of several ranks, which are threads here, so without dropout.</summary>
[Collection("torch")]
public sealed class GroupRunTests : IDisposable
{
    private readonly Lab _lab = new();
    private readonly List<RunMessage> _ofOthers = [];

    private TrainingOptions Options => _lab.Options with { Dropout = 0 };

    [Fact]
    public async Task Two_ranks_make_one_run_each_line_and_each_checkpoint_once()
    {
        var alone = await _lab.RunAsync(Options with { OutDir = _lab["alone"] });
        _lab.Messages.Clear();
        var ranks = await TogetherAsync(Options);

        Assert.All(ranks, rank => Assert.Equal((TrainingRunEnd.Completed, 12L), (rank.End, rank.Step)));
        Assert.Equal([4L, 8, 12], _lab.Steps());
        Assert.Empty(_ofOthers);
        Assert.Single(_lab.Messages, message => message.Kind is RunMessageKind.FromScratch or RunMessageKind.Resumed or RunMessageKind.WeightsFound);
        Assert.Equal(3, _lab.Messages.Count(message => message.Text.StartsWith("saving checkpoint", StringComparison.Ordinal)));
        var metrics = MetricsFile.Read(_lab.Out);
        Assert.Equal(Enumerable.Range(1, 12).Select(step => (long)step), metrics.OfType<StepMetrics>().Select(step => step.Step));
        foreach (var (one, many) in MetricsFile.Read(_lab["alone"]).OfType<StepMetrics>().Zip(metrics.OfType<StepMetrics>()))
        {
            Assert.True(Math.Abs(one.Loss - many.Loss) <= 1e-4 * one.Loss, $"{many.Loss} instead of {one.Loss}");
        }

        Assert.Equal(alone.Step, ranks[0].Step);
        Assert.Equal(2, Lab.Record(_lab.Checkpoints()[^1]).Environment.WorldSize);
    }

    [Fact]
    public async Task Interrupted_and_resumed_it_is_what_nobody_interrupted_to_the_bit()
    {
        var options = Options with { GradientAccumulationSteps = 4 };
        await TogetherAsync(options with { OutDir = _lab["whole"] });
        using var cancellation = new CancellationTokenSource();
        var first = await TogetherAsync(options, observer: new Lab.At(5, cancellation.Cancel), cancelled: (1, cancellation.Token));
        Assert.All(first, rank => Assert.Equal((TrainingRunEnd.Interrupted, 5L), (rank.End, rank.Step)));
        await TogetherAsync(options with { InitFrom = "resume" });

        Assert.Equal(Lab.Bits(_lab.Checkpoints(_lab["whole"])[^1]), Lab.Bits(_lab.Checkpoints()[^1]));
        Assert.Empty(MetricsComparer.Compare(MetricsFile.Read(_lab["whole"]), MetricsFile.Read(_lab.Out)));
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 1)]
    [InlineData(2, 4)]
    public async Task Another_number_of_ranks_goes_on_and_says_so(int before, int after)
    {
        var options = Options with { GradientAccumulationSteps = 4 };
        var whole = await TogetherAsync(options with { OutDir = _lab["whole"] }, world: before);
        await TogetherAsync(options with { MaxIters = 6, LrDecayIters = 12 }, world: before);
        var keys = await KeysAsync();
        _lab.Messages.Clear();
        var ranks = await TogetherAsync(options with { InitFrom = "resume", LrDecayIters = 12 }, world: after);

        Assert.All(ranks, rank => Assert.Equal((TrainingRunEnd.Completed, 12L), (rank.End, rank.Step)));
        Assert.Contains(_lab.Messages, message => message.Kind == RunMessageKind.Warning
            && message.Text.Contains(FormattableString.Invariant($"world size: was {before}, is {after}"), StringComparison.Ordinal));
        Assert.True(Math.Abs(whole[0].LastLoss!.Value - ranks[0].LastLoss!.Value) <= 1e-3 * whole[0].LastLoss!.Value);
        Assert.Equal(keys, await KeysAsync());
        Assert.DoesNotContain(keys, key => key.Contains("module.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task With_strict_another_number_of_ranks_is_refused_in_all()
    {
        await TogetherAsync(Options with { MaxIters = 6 });
        var alone = await _lab.RunAsync(Options with { InitFrom = "resume", Strict = true });
        Assert.Contains("world size: was 2, is 1", Assert.IsType<ResumeCheckException>(alone.Error).Differences);

        await _lab.RunAsync(Options with { MaxIters = 6, OutDir = _lab["one"] });
        var ranks = await TogetherAsync(Options with { InitFrom = "resume", Strict = true, OutDir = _lab["one"] });
        Assert.Contains("world size: was 1, is 2", Assert.IsType<ResumeCheckException>(ranks[0].Error).Differences);
        Assert.Equal(0, Assert.IsType<PeerFailedException>(ranks[1].Error).Rank);
    }

    [Fact]
    public async Task A_save_that_fails_in_rank_0_ends_all_and_what_was_saved_is_whole()
    {
        var ranks = await TogetherAsync(Options with { OnSaveError = "stop" }, observer: new Lab.At(5, () =>
        {
            Directory.Move(_lab.Out, _lab["moved"]);
            File.WriteAllText(_lab.Out, "in the way");
        }));

        Assert.IsAssignableFrom<CheckpointException>(ranks[0].Error);
        var failed = Assert.IsType<PeerFailedException>(ranks[1].Error);
        Assert.Equal((0, 40), (failed.Rank, failed.Code));
        using var store = CheckpointStore.OpenRead(_lab["moved"]);
        Assert.Empty(await store.VerifyAsync(Assert.Single(store.List())));
    }

    [Fact]
    public async Task An_observers_exception_in_rank_0_ends_all_after_saving()
    {
        var ranks = await TogetherAsync(Options, observer: new Lab.At(6, () => throw new InvalidOperationException("The user's own")));
        Assert.Equal("The user's own", ranks[0].Error?.Message);
        Assert.Equal("The user's own", Assert.IsType<PeerFailedException>(ranks[1].Error).Reason);
        Assert.Equal([4L, 6], _lab.Steps());
    }

    [Fact]
    public async Task Settings_that_differ_are_refused_by_name_and_nothing_is_written()
    {
        int port = Ranks.FreePort();
        var errors = await Task.WhenAll(Enumerable.Range(0, 2).Select(rank => Task.Run(async () =>
        {
            using var group = await ProcessGroup.ConnectAsync(Ranks.Options(port, rank, 2));
            return await Record.ExceptionAsync(() => TrainingRun.FromOptionsAsync(Options with { LearningRate = 1e-2 * (rank + 1) }, new TrainingRunOptions { Group = group }));
        }))).WaitAsync(Ranks.Limit);

        Assert.Contains("learning_rate: rank 1 has 0.02, and rank 0 has 0.01", Assert.IsType<GroupRefusedException>(errors[0]).Differences);
        Assert.IsType<PeerFailedException>(errors[1]);
        Assert.False(Directory.Exists(_lab.Out));
    }

    [Fact]
    public async Task Data_that_differs_is_refused_by_name()
    {
        int port = Ranks.FreePort();
        var errors = await Task.WhenAll(Enumerable.Range(0, 2).Select(rank => Task.Run(async () =>
        {
            using var group = await ProcessGroup.ConnectAsync(Ranks.Options(port, rank, 2));
            // The same path, as it may be on another machine.
            string data = _lab["data"];
            var options = Options with { Data = data };
            if (rank == 1)
            {
                group.Agree("settings", SettingsOf(options));
                group.BroadcastText(null);
                return Record.Exception(() => group.Agree("data", new System.Text.Json.Nodes.JsonObject { ["train_sha256"] = "another" }));
            }

            File.WriteAllText(data, Lab.Story(220));
            return await Record.ExceptionAsync(() => TrainingRun.FromOptionsAsync(options, new TrainingRunOptions { Group = group }));
        }))).WaitAsync(Ranks.Limit);

        Assert.Contains(Assert.IsType<GroupRefusedException>(errors[0]).Differences, difference => difference.StartsWith("train_sha256: rank 1 has \"another\"", StringComparison.Ordinal));
        Assert.IsType<PeerFailedException>(errors[1]);
    }

    [Fact]
    public async Task A_plan_says_how_many_processes_it_is_for()
    {
        Assert.Equal(2, (await TrainingRun.PlanAsync(Options, new TrainingRunOptions { PlannedWorldSize = 2 })).WorldSize);
        var error = await Assert.ThrowsAsync<TrainingConfigurationException>(() => TrainingRun.PlanAsync(Options, new TrainingRunOptions { PlannedWorldSize = 3 }));
        Assert.Contains("gradient_accumulation_steps is 2, which the world size of 3", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_lab.Out));
    }

    public void Dispose() => _lab.Dispose();

    private static System.Text.Json.Nodes.JsonObject SettingsOf(TrainingOptions options)
    {
        var values = options.ToJson();
        values["given"] = null;
        values["version"] = System.Reflection.CustomAttributeExtensions.GetCustomAttribute<System.Reflection.AssemblyInformationalVersionAttribute>(typeof(TrainingRun).Assembly)?.InformationalVersion;
        return values;
    }

    private async Task<string[]> KeysAsync()
    {
        var checkpoint = _lab.Checkpoints()[^1];
        await Task.CompletedTask;
        using var file = SafeTensorSharp.SafeTensorFile.Open(checkpoint.GetPath("model.safetensors"));
        return [.. file.Header.Tensors.Select(tensor => tensor.Name).Order(StringComparer.Ordinal)];
    }

    private async Task<TrainingRunResult[]> TogetherAsync(
        TrainingOptions options, int world = 2, ITrainingObserver? observer = null, (int Rank, CancellationToken Token)? cancelled = null)
    {
        if (world == 1)
        {
            return [await _lab.RunAsync(options)];
        }

        int port = Ranks.FreePort();
        return await Task.WhenAll(Enumerable.Range(0, world).Select(rank => Task.Run(async () =>
        {
            using var group = await ProcessGroup.ConnectAsync(Ranks.Options(port, rank, world), _ => 40 + rank);
            return await Lab.RunAsync(
                options,
                new TrainingRunOptions
                {
                    Group = group,
                    Observers = observer is null || rank > 0 ? [] : [observer],
                    Log = rank == 0 ? _lab.Logged().Log : new Listener(_ofOthers),
                },
                cancelled is var (who, token) && who == rank ? token : default);
        }))).WaitAsync(Ranks.Limit);
    }

    private sealed class Listener(List<RunMessage> messages) : IProgress<RunMessage>
    {
        public void Report(RunMessage value)
        {
            lock (messages)
            {
                messages.Add(value);
            }
        }
    }
}
