using Tests.Shared;

namespace Importer.Training.Tests.Run;

[Collection(TorchCollection.Name)]
public sealed class ResumeTests : IDisposable
{
    private readonly Lab _lab = new();

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task A_run_that_is_interrupted_and_resumed_equals_one_that_never_was()
    {
        var whole = new Recorder();
        var reference = await _lab.RunAsync(_lab.Options with { OutDir = _lab["whole"] }, whole);
        Assert.Equal((TrainingRunEnd.Completed, 12), (reference.End, reference.Step));

        for (int stop = 1; stop < 12; stop++)
        {
            var options = _lab.Options with { OutDir = _lab[$"stopped-{stop}"], InitFrom = "auto" };
            var parts = new Recorder();
            var first = await _lab.RunUntilAsync(options, stop, parts);
            Assert.Equal((TrainingRunEnd.Interrupted, stop, stop), (first.End, first.Step, first.Checkpoint!.Step));
            var second = await _lab.RunAsync(options, parts);
            Assert.Equal(TrainingRunEnd.Completed, second.End);
            Assert.Equal(whole.Steps.Select(Figures), parts.Steps.Select(Figures));
            Assert.Equal(whole.Evaluations.Select(e => (e.Step, e.ValidationLoss)), parts.Evaluations.Select(e => (e.Step, e.ValidationLoss)));
            Assert.Equal(reference.BestLoss, second.BestLoss);
            Assert.Equal(Lab.Bits(reference.Checkpoint!), Lab.Bits(second.Checkpoint!));
        }

        static (long, double, double, double, double) Figures(StepResult step) => (step.Step, step.Loss, step.GradientNorm, step.LearningRate, step.Epoch);
    }

    [Theory]
    [InlineData("bfloat16", "epoch")]
    [InlineData("float32", "random")]
    public async Task In_bfloat16_and_with_windows_drawn_at_random_it_goes_on_bit_for_bit_too(string dtype, string sampler)
    {
        var options = _lab.Options with { Dtype = dtype, Sampler = sampler, AsyncSave = true, InitFrom = "auto" };
        var reference = await _lab.RunAsync(options with { OutDir = _lab["whole"] });
        Assert.Equal(TrainingRunEnd.Completed, reference.End);
        foreach (int stop in new[] { 3, 8, 11 })
        {
            var part = options with { OutDir = _lab[$"stopped-{stop}"] };
            Assert.Equal(stop, (await _lab.RunUntilAsync(part, stop)).Checkpoint!.Step);
            Assert.Equal(Lab.Bits(reference.Checkpoint!), Lab.Bits((await _lab.RunAsync(part)).Checkpoint!));
        }
    }

    [Fact]
    public async Task Each_run_begins_with_exactly_one_of_three_lines()
    {
        RunMessageKind[] beginnings = [RunMessageKind.FromScratch, RunMessageKind.Resumed, RunMessageKind.WeightsFound];
        var options = _lab.Options with { InitFrom = "auto", MaxIters = 4 };
        int before = 0;
        await _lab.RunAsync(options, new Lab.At(1, () => before = _lab.Messages.Count));
        var message = Assert.Single(_lab.Messages, m => beginnings.Contains(m.Kind));
        Assert.Equal(RunMessageKind.FromScratch, message.Kind);
        Assert.InRange(_lab.Messages.IndexOf(message), 0, before - 1); // before the first update
        Assert.Contains(_lab.Out, message.Text, StringComparison.Ordinal);
        Assert.Contains(_lab.Messages, m => m.Text == "Initializing a new model from scratch");

        _lab.Messages.Clear();
        await _lab.RunAsync(options with { MaxIters = 8 }, new Lab.At(5, () => before = _lab.Messages.Count));
        message = Assert.Single(_lab.Messages, m => beginnings.Contains(m.Kind));
        Assert.Equal(RunMessageKind.Resumed, message.Kind);
        Assert.InRange(_lab.Messages.IndexOf(message), 0, before - 1);
        var first = _lab.Checkpoints()[0];
        Assert.Contains(first.Directory, message.Text, StringComparison.Ordinal);
        Assert.Contains("step 4", message.Text, StringComparison.Ordinal);
        Assert.Contains(first.Files.First(file => file.Name == "model.safetensors").Sha256, message.Text, StringComparison.Ordinal);
        Assert.Contains(_lab.Messages, m => m.Text.StartsWith("Resuming training from ", StringComparison.Ordinal));
        Assert.Contains(_lab.Messages, m => m.Text.StartsWith("saving checkpoint to ", StringComparison.Ordinal));

        // And for machines, before the update that follows.
        string[] lines = File.ReadAllLines(Path.Combine(_lab.Out, "metrics.jsonl"));
        int started = Array.FindIndex(lines, line => line.Contains("\"weights_found\":false", StringComparison.Ordinal));
        int resumed = Array.FindIndex(lines, line => line.Contains("\"weights_found\":true", StringComparison.Ordinal));
        Assert.InRange(started, 0, Array.FindIndex(lines, line => line.Contains("\"kind\":\"step\"", StringComparison.Ordinal)) - 1);
        Assert.InRange(resumed, started + 1, Array.FindIndex(lines, line => line.Contains("\"kind\":\"step\",\"step\":5", StringComparison.Ordinal)) - 1);

        // A checkpoint's weights as any other model's: a run of its own.
        _lab.Messages.Clear();
        var other = await _lab.RunAsync(options with { InitFrom = first.Directory, OutDir = _lab["other"] });
        message = Assert.Single(_lab.Messages, m => beginnings.Contains(m.Kind));
        Assert.Equal(RunMessageKind.WeightsFound, message.Kind);
        Assert.Equal(4, other.Step);
        Assert.Equal(first.Directory, Lab.Record(other.Checkpoint!).Base!.Source);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task No_tensor_is_held_after_a_run(bool asyncSave)
    {
        await _lab.RunAsync(_lab.Options with { MaxIters = 1, OutDir = _lab["first"] });
        long before = LiveTensors.Settle();
        await _lab.RunUntilAsync(_lab.Options with { AsyncSave = asyncSave }, 6);
        await _lab.RunAsync(_lab.Options with { InitFrom = "resume" });
        Assert.Equal(before, LiveTensors.Settle());
    }
}
