using CheckpointStorage;

namespace Importer.Training.Tests.Run;

[Collection(TorchCollection.Name)]
public sealed class EpochTests : IDisposable
{
    private readonly Lab _lab = new();

    public EpochTests() => File.WriteAllText(_lab.Text, Lab.Story(30));

    public void Dispose() => _lab.Dispose();

    private TrainingOptions Options => _lab.Options with { MaxIters = null, Epochs = 3, EvalInterval = 1000, BatchSize = 2, GradientAccumulationSteps = 1 };

    [Fact]
    public async Task N_runs_of_one_epoch_equal_one_run_of_N()
    {
        var whole = new Recorder();
        var reference = await _lab.RunAsync(Options with { OutDir = _lab["whole"] }, whole);
        var parts = new Recorder();
        TrainingRunResult result;
        int runs = 0;
        do
        {
            result = await _lab.RunAsync(Options with { InitFrom = "auto", StopAfterEpochs = 1 }, parts);
            runs++;
        }
        while (result.End == TrainingRunEnd.EpochsReached);
        Assert.Equal((TrainingRunEnd.Completed, 3), (result.End, runs));
        Assert.Equal(Lab.Bits(reference.Checkpoint!), Lab.Bits(result.Checkpoint!));
        Assert.Equal(whole.Steps.Select(s => (s.Step, s.Loss, s.LearningRate)), parts.Steps.Select(s => (s.Step, s.Loss, s.LearningRate)));
        Assert.Equal(3, whole.Steps[^1].Epoch, 1e-9);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(1)]
    public async Task A_run_of_epochs_reads_all_of_them_whatever_the_batch_is_changed_to(int batchSize)
    {
        var log = new Recorder();
        await _lab.RunUntilAsync(Options, 20, log);
        var changed = Options with { InitFrom = "resume", BatchSize = batchSize };
        var plan = await TrainingRun.PlanAsync(changed);
        var result = await _lab.RunAsync(changed, log);
        Assert.Equal((TrainingRunEnd.Completed, plan.TotalSteps), (result.End, result.Step));
        Assert.Equal(3 * plan.WindowsPerEpoch, log.Steps.Sum(step => step.Samples));
        Assert.Equal((3, 3), (log.Steps[^1].Epoch, Math.Round(plan.Epochs!.Value, 1)));
        Assert.Equal(result.Step, result.Checkpoint!.Step);
    }

    [Fact]
    public async Task A_shorter_context_has_more_windows_and_the_same_epochs()
    {
        var log = new Recorder();
        await _lab.RunUntilAsync(Options, 20, log);
        double before = log.Steps[^1].Epoch;
        var result = await _lab.RunAsync(Options with { InitFrom = "resume", BlockSize = 8 }, log);
        Assert.Equal((TrainingRunEnd.Completed, 3), (result.End, log.Steps[^1].Epoch));
        Assert.InRange(log.Steps[20].Epoch, before, before + 0.1);
    }

    [Fact]
    public async Task A_run_can_go_on_from_the_end_of_an_epoch()
    {
        var reference = await _lab.RunAsync(Options);
        var second = Assert.Single(_lab.Checkpoints(), c => c.Epoch is >= 2 and < 2.2);
        var result = await _lab.RunAsync(Options with { InitFrom = "resume", ResumeEpoch = 2 });
        Assert.Equal(Lab.Bits(reference.Checkpoint!), Lab.Bits(result.Checkpoint!));
        Assert.Equal(second.Id, result.Checkpoint!.ParentId);
        await Assert.ThrowsAsync<CheckpointNotFoundException>(() => _lab.RunAsync(Options with { InitFrom = "resume", ResumeEpoch = 7 }));
    }
}
