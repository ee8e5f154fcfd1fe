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
