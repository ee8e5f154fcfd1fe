using Importer.Training.Data;

namespace Importer.Training.Tests.Run;

[Collection(TorchCollection.Name)]
public sealed class SignalTests : IDisposable
{
    private readonly Lab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Theory]
    [InlineData("training", 7)]
    [InlineData("evaluating", 8)]
    [InlineData("evaluated", 8)]
    [InlineData("saving", 8)]
    [InlineData("saving in the background", 8)]
    [InlineData("beginning", 0)]
    public async Task In_every_phase_a_signal_saves_what_was_made_and_no_bit_is_lost(string phase, long saved)
    {
        var options = _lab.Options with { InitFrom = "auto", AsyncSave = phase.EndsWith("background", StringComparison.Ordinal) };
        var reference = await _lab.RunAsync(options with { OutDir = _lab["whole"] });
        using var cancellation = new CancellationTokenSource();
        var run = new TrainingRunOptions { Observers = [new Signal(phase, cancellation.Cancel)] };
        var result = await Lab.RunAsync(options, run, cancellation.Token);
        Assert.Equal((TrainingRunEnd.Interrupted, saved), (result.End, result.Step));
        Assert.Equal(saved, result.Checkpoint?.Step ?? 0);
        Assert.Equal(Lab.Bits(reference.Checkpoint!), Lab.Bits((await _lab.RunAsync(options)).Checkpoint!));
    }

    [Fact]
    public async Task While_the_data_is_prepared_or_the_model_loaded_nothing_is_left()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Lab.RunAsync(_lab.Options, new TrainingRunOptions(), cancelled.Token));
        Assert.Empty(_lab.Checkpoints());

        await using var run = await TrainingRun.FromOptionsAsync(_lab.Options);
        var result = await run.RunAsync(cancelled.Token);
        Assert.Equal((TrainingRunEnd.Interrupted, 0L), (result.End, result.Step));
        Assert.Null(result.Checkpoint);
    }

    [Theory]
    [InlineData(PreparePhase.Reading)]
    [InlineData(PreparePhase.Encoding)]
    public async Task A_signal_while_the_data_is_prepared_leaves_no_half_of_it(PreparePhase phase)
    {
        var options = _lab.Options with { InitFrom = "auto" };
        var reference = await _lab.RunAsync(options with { OutDir = _lab["whole"] });
        using var cancellation = new CancellationTokenSource();
        var run = new TrainingRunOptions { PrepareProgress = new Told<PrepareProgress>(progress => CancelIf(progress.Phase == phase, cancellation)) };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Lab.RunAsync(options, run, cancellation.Token));
        Assert.True(cancellation.IsCancellationRequested);
        Assert.Empty(Directory.EnumerateFiles(_lab.Out, "*.bin", SearchOption.AllDirectories));
        Assert.Equal(Lab.Bits(reference.Checkpoint!), Lab.Bits((await _lab.RunAsync(options)).Checkpoint!));
    }

    [Theory]
    [InlineData("Resuming training from ")] // the weights are read next
    [InlineData(" is kept in ")]
    [InlineData("The fixed batch has the loss ")]
    public async Task A_signal_while_a_checkpoint_is_loaded_changes_nothing_of_the_run(string line)
    {
        var options = _lab.Options with { InitFrom = "auto" };
        var reference = await _lab.RunAsync(options with { OutDir = _lab["whole"] });
        await _lab.RunUntilAsync(options, 6);
        using var cancellation = new CancellationTokenSource();
        var run = new TrainingRunOptions { Log = new Told<RunMessage>(message => CancelIf(message.Text.Contains(line, StringComparison.Ordinal), cancellation)) };
        var result = await Lab.RunAsync(options, run, cancellation.Token);
        Assert.Equal((TrainingRunEnd.Interrupted, 6, 6), (result.End, result.Step, result.Checkpoint!.Step));
        Assert.Equal([4, 6], _lab.Steps());
        Assert.Equal(Lab.Bits(reference.Checkpoint!), Lab.Bits((await _lab.RunAsync(options)).Checkpoint!));
    }

    private static void CancelIf(bool condition, CancellationTokenSource cancellation)
    {
        if (condition)
        {
            cancellation.Cancel();
        }
    }

    private sealed class Told<T>(Action<T> action) : IProgress<T>
    {
        public void Report(T value) => action(value);
    }

    private sealed class Signal(string phase, Action cancel) : ITrainingObserver
    {
        public void Started(Trainer trainer) => Send("beginning", 0, trainer);

        public void StepCompleted(Trainer trainer, StepResult result)
        {
            Send("training", 7, trainer);
            Send("evaluating", 8, trainer); // the evaluation looks at the token before its first batch
        }

        public void Evaluated(Trainer trainer, EvaluationResult result) => Send("evaluated", 8, trainer);

        public void Saving(Trainer trainer, TrainingState state)
        {
            if (phase.StartsWith("saving", StringComparison.Ordinal))
            {
                Send(phase, 8, trainer);
            }
        }

        private void Send(string when, long step, Trainer trainer)
        {
            if (when == phase && trainer.CurrentStep == step)
            {
                cancel();
            }
        }
    }
}
