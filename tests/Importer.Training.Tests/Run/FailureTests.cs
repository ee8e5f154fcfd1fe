using System.Text.Json.Nodes;
using CheckpointStorage;

namespace Importer.Training.Tests.Run;

[Collection(TorchCollection.Name)]
public sealed class FailureTests : IDisposable
{
    private readonly Lab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task What_was_trained_before_an_exception_is_saved()
    {
        var reference = await _lab.RunAsync(_lab.Options with { OutDir = _lab["whole"] });
        var result = await _lab.RunAsync(_lab.Options, new Lab.At(7, () => throw new TimeoutException("the observer's")));
        Assert.Equal((TrainingRunEnd.Failed, 7, 7), (result.End, result.Step, result.Checkpoint!.Step));
        Assert.Equal("the observer's", Assert.IsType<TimeoutException>(result.Error).Message);
        Assert.Equal("error", Lab.Record(result.Checkpoint).Reason);
        Assert.Equal(Lab.Bits(reference.Checkpoint!), Lab.Bits((await _lab.RunAsync(_lab.Options with { InitFrom = "auto" })).Checkpoint!));
    }

    [Theory]
    [InlineData("CUDA out of memory. Tried to allocate 2.00 GiB\nException raised from malloc")]
    [InlineData("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 1 bytes.")]
    [InlineData(null)]
    public async Task Too_little_memory_is_told_as_that_and_what_was_trained_is_saved(string? native)
    {
        var result = await _lab.RunAsync(_lab.Options, new Lab.At(3, () => throw (native is null ? new InsufficientMemoryException() : new OfTorch(native))));
        var error = Assert.IsType<TrainingMemoryException>(result.Error);
        Assert.StartsWith("There is not enough memory", error.Message, StringComparison.Ordinal);
        Assert.Contains("gradient_accumulation_steps", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Equal([3], _lab.Steps());
    }

    [Fact]
    public async Task An_early_stop_and_a_time_limit_are_saved()
    {
        var stopped = await _lab.RunAsync(_lab.Options with { EvalInterval = 1, EvalIters = 1, LearningRate = 0, MinLr = 0, EarlyStoppingPatience = 2, OutDir = _lab["early"] });
        Assert.Equal(TrainingRunEnd.EarlyStopped, stopped.End);
        Assert.Equal(stopped.Step, stopped.Checkpoint!.Step);
        Assert.True(stopped.Step < 12);

        var timed = await _lab.RunAsync(_lab.Options with { MaxMinutes = 1e-6, OutDir = _lab["timed"] });
        Assert.Equal((TrainingRunEnd.TimeReached, true), (timed.End, timed.Step < 12));
        Assert.Equal(timed.Step == 0 ? null : timed.Step, timed.Checkpoint?.Step);
    }

    [Fact]
    public async Task Diverging_weights_are_not_saved_and_the_last_good_ones_stay()
    {
        var result = await _lab.RunAsync(_lab.Options, new Poison(6));
        Assert.Equal(TrainingRunEnd.Failed, result.End);
        Assert.Equal([4], _lab.Steps());
        Assert.NotNull(result.Error);
    }

    [Theory]
    [InlineData("retry", TrainingRunEnd.Completed, 2)]
    [InlineData("continue", TrainingRunEnd.Completed, 0)]
    [InlineData("stop", TrainingRunEnd.Failed, 0)]
    public async Task A_save_that_fails_is_tried_again_passed_over_or_ends_the_run(string policy, TrainingRunEnd end, int waits)
    {
        // The disk is gone at the save of step 8, and back two attempts later, or for the next one.
        var time = new ManualTime();
        var disk = new Gone(_lab.Out);
        time.OnWait = number =>
        {
            if (number == 2)
            {
                disk.Back();
            }
        };
        var result = await Lab.RunAsync(_lab.Options with { OnSaveError = policy }, new TrainingRunOptions { Observers = [disk], TimeProvider = time, Log = new Progress<RunMessage>() });
        disk.Back();
        Assert.Equal(end, result.End);
        Assert.Equal(waits, time.Waits.Count(wait => wait > TimeSpan.Zero));
        Assert.Equal(policy switch { "retry" => [4, 8, 12], "continue" => [4, 12], _ => [4] }, _lab.Steps());
        if (end == TrainingRunEnd.Failed)
        {
            Assert.IsType<CheckpointSaveException>(result.Error);
        }

        Assert.Empty(Directory.GetDirectories(_lab.Out, ".tmp-*"));
    }

    [Fact]
    public async Task A_background_save_that_fails_is_made_up_for_once()
    {
        // It waits for the store until the run waits for it; then the disk is gone, until the first wait before another attempt.
        var time = new ManualTime();
        var disk = new Gone(_lab.Out);
        time.OnWait = _ => disk.Back();
        var options = _lab.Options with { AsyncSave = true, SaveInterval = "1", EvalInterval = 1000, KeepBest = 0 };
        TrainingRun? run = null;
        using var release = new ManualResetEventSlim();
        var other = new CheckpointContent { Step = 8, Files = [CheckpointFile.From("other", _ => release.Wait())] };
        var hold = new Hold(8, () => run!.Checkpoints.SaveAsync(other), release);
        await using (run = await TrainingRun.FromOptionsAsync(options, new TrainingRunOptions { Observers = [hold, disk], TimeProvider = time }))
        {
            Assert.Equal(TrainingRunEnd.Completed, (await run.RunAsync()).End);
        }

        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12], _lab.Steps());
    }

    [Fact]
    public async Task A_failed_background_save_comes_to_light()
    {
        var disk = new Gone(_lab.Out);
        var result = await _lab.RunAsync(_lab.Options with { OnSaveError = "stop", AsyncSave = true }, disk);
        disk.Back();
        Assert.IsType<CheckpointSaveException>(result.Error);
        Assert.Equal([4], _lab.Steps());
    }

    [Fact]
    public async Task Observers_files_go_back_to_the_checkpoint()
    {
        string path = _lab["steps.txt"];
        var cut = _lab.Options with { InitFrom = "auto" };
        await _lab.RunUntilAsync(cut, 6, new StepFile(path));
        // A crash: updates after the checkpoint, of which only the file knows.
        File.AppendAllText(path, "7\n8\n");
        await _lab.RunAsync(cut, new StepFile(path));
        Assert.Equal(Enumerable.Range(1, 12).Select(step => $"{step}"), File.ReadAllLines(path));
    }

    private sealed class OfTorch(string message) : System.Runtime.InteropServices.ExternalException(message);

    private sealed class StepFile(string path) : IResumableObserver
    {
        public string Name => "steps";

        public JsonNode? Capture() => new FileInfo(path).Length;

        public void Resuming(long steps, JsonNode? captured)
        {
            using var file = new FileStream(path, FileMode.OpenOrCreate);
            file.SetLength(captured?.GetValue<long>() ?? 0);
        }

        public void StepCompleted(Trainer trainer, StepResult result) => File.AppendAllText(path, $"{result.Step}\n");
    }

    /// <summary>Makes a save in the background wait for the store from its beginning until shortly after the next update.</summary>
    private sealed class Hold(long step, Func<Task> hold, ManualResetEventSlim release) : ITrainingObserver
    {
        public void Saving(Trainer trainer, TrainingState state)
        {
            if (state.Step == step && !release.IsSet)
            {
                _ = hold();
            }
        }

        public void StepCompleted(Trainer trainer, StepResult result)
        {
            if (result.Step == step + 1)
            {
                _ = Task.Delay(200).ContinueWith(_ => release.Set(), TaskScheduler.Default);
            }
        }
    }

    /// <summary>Makes a weight infinite after an update.</summary>
    private sealed class Poison(long step) : ITrainingObserver
    {
        public void StepCompleted(Trainer trainer, StepResult result)
        {
            if (result.Step == step)
            {
                using var mode = TorchSharp.torch.no_grad();
                trainer.ModelTensors[0].Tensor.fill_(float.PositiveInfinity);
            }
        }
    }

    /// <summary>Moves the directory away at the save of step 8, puts a file in its place, and undoes that.</summary>
    private sealed class Gone(string directory) : ITrainingObserver
    {
        private bool _isGone;

        public void Saving(Trainer trainer, TrainingState state)
        {
            if (state.Step == 8 && !_isGone)
            {
                _isGone = true;
                Directory.Move(directory, directory + "-away");
                File.WriteAllText(directory, "");
            }
        }

        public void StepCompleted(Trainer trainer, StepResult result)
        {
            if (result.Step == 9 && trainer.Options is { OnSaveError: "continue" })
            {
                Back();
            }
        }

        public void Back()
        {
            if (File.Exists(directory))
            {
                File.Delete(directory);
                Directory.Move(directory + "-away", directory);
            }
        }
    }
}
