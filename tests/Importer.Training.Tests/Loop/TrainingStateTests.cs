using System.Text.Json;
using Importer.Training.Optimization;
using static TorchSharp.torch;

namespace Importer.Training.Tests;

[Collection(TorchCollection.Name)]
public sealed class TrainingStateTests
{
    [Theory]
    [InlineData("float32")]
    [InlineData("bfloat16")]
    public void A_run_that_goes_on_from_a_state_equals_one_that_never_stopped(string dtype)
    {
        using var scope = NewDisposeScope();
        var options = Tiny.Options with { Dtype = dtype };
        var whole = new Recorder();
        using var model = Tiny.Model(dropout: 0.2);
        using var trainer = new Trainer(model, options, Tiny.Sources(), [whole]);
        trainer.Run();

        for (int stop = 0; stop <= 12; stop += 3)
        {
            using var first = Tiny.Model(dropout: 0.2);
            var early = new Recorder();
            var (state, weights, moments) = StopAfter(stop, first, options, early);

            // Into a model with other weights; through JSON.
            using var second = ScratchModel.Create(Tiny.Config(dropout: 0.2), seed: 99);
            var late = new Recorder();
            using var resumed = new Trainer(second, options, Tiny.Sources(), [late]);
            resumed.Restore(JsonSerializer.Deserialize<TrainingState>(JsonSerializer.Serialize(state))!, weights, moments);
            resumed.Run();

            Assert.Equal(Tiny.Bits(trainer), Tiny.Bits(resumed));
            Assert.Equal(whole.Steps.Select(Figures), early.Steps.Concat(late.Steps).Select(Figures));
            Assert.Equal(whole.Evaluations.Select(e => (e.Step, e.ValidationLoss, e.IsBest)), early.Evaluations.Concat(late.Evaluations).Select(e => (e.Step, e.ValidationLoss, e.IsBest)));
            Assert.Equal(trainer.BestLoss, resumed.BestLoss);
            Assert.Equal(trainer.FixedBatchLoss(), resumed.FixedBatchLoss());
            Assert.True(resumed.Capture().ElapsedSeconds > state.ElapsedSeconds);
        }

        static (long, double, double, double, double) Figures(StepResult step) => (step.Step, step.Loss, step.GradientNorm, step.LearningRate, step.Epoch);
    }

    [Fact]
    public void The_fixed_batch_leaves_the_generator_alone()
    {
        using var model = Tiny.Model();
        using var trainer = new Trainer(model, Tiny.Options, Tiny.Sources());
        byte[] before = trainer.Capture().RandomState;
        Assert.Equal(trainer.FixedBatchLoss(), trainer.FixedBatchLoss());
        Assert.Equal(before, trainer.Capture().RandomState);
    }

    [Fact]
    public void Tensors_that_do_not_fit_are_all_named_and_nothing_changes()
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Model();
        using var trainer = new Trainer(model, Tiny.Options, Tiny.Sources());
        trainer.Step();
        byte[] bits = Tiny.Bits(trainer);
        var weights = trainer.ModelTensors.ToDictionary(t => t.Name, t => zeros_like(t.Tensor.detach()));
        var moments = trainer.OptimizerTensors.ToDictionary(t => t.Name, t => zeros_like(t.Tensor));
        weights.Remove("transformer.ln_f.weight");
        weights["transformer.wte.weight"] = zeros(3, 3);
        weights["stray\n"] = zeros(1);
        moments["transformer.wpe.weight.exp_avg"] = zeros(Tiny.Block - 1, 16);
        var error = Assert.Throws<StateMismatchException>(() => trainer.Restore(trainer.Capture(), weights, moments));
        Assert.Equal(4, error.Problems.Count);
        Assert.Contains("transformer.ln_f.weight is missing", error.Message);
        Assert.Contains("transformer.wte.weight is [3, 3] instead of [29, 16]", error.Message);
        Assert.Contains("stray\\u000a", error.Message);
        Assert.Equal(bits, Tiny.Bits(trainer));
    }

    [Fact]
    public void A_shorter_context_crops_the_weights_and_the_moments()
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Model();
        var (state, weights, moments) = StopAfter(3, model, Tiny.Options, new Recorder());
        using var cropped = ScratchModel.Create(Tiny.Config() with { BlockSize = 8 }, 1);
        using var trainer = new Trainer(cropped, Tiny.Options, new TrainingSources(new NumberSource(Tiny.Vocab, 8), []));
        trainer.Restore(state, weights, moments);
        foreach (var item in trainer.ModelTensors.Concat(trainer.OptimizerTensors).Where(item => item.Name.Contains("wpe") && !item.Name.EndsWith("step")))
        {
            var source = weights.GetValueOrDefault(item.Name) ?? moments[item.Name];
            Assert.Equal([8, 16], item.Tensor.shape);
            Assert.True(item.Tensor.Equals(source.narrow(0, 0, 8)));
        }

        trainer.Step();
    }

    [Fact]
    public void A_state_with_impossible_numbers_is_refused()
    {
        using var model = Tiny.Model();
        using var trainer = new Trainer(model, Tiny.Options, Tiny.Sources());
        var error = Assert.Throws<StateMismatchException>(() => trainer.Restore(trainer.Capture() with { Step = -1, SamplesSeen = -5 }));
        Assert.Equal(2, error.Problems.Count);
    }

    [Theory]
    [InlineData("keep", LearningRateExtension.Keep)]
    [InlineData("rescale", LearningRateExtension.Rescale)]
    [InlineData("constant", LearningRateExtension.Constant)]
    public void A_run_that_became_longer_follows_its_policy(string name, LearningRateExtension policy)
    {
        using var model = Tiny.Model();
        var options = Tiny.Options;
        using var planned = new Trainer(model, options, Tiny.Sources());
        planned.Run();
        var longer = options with { MaxIters = 30, LrScheduleOnExtend = name };
        using var trainer = new Trainer(model, longer, Tiny.Sources());
        trainer.Restore(planned.Capture());
        Assert.Equal(planned.Schedule.Extend(policy, 12, 30), trainer.Schedule);
        Assert.Equal(TrainingEnd.Completed, trainer.Run());
        Assert.Equal(30, trainer.CurrentStep);
    }

    private static (TrainingState State, Dictionary<string, Tensor> Model, Dictionary<string, Tensor> Optimizer) StopAfter(
        int steps, Importer.Models.Gpt.GptModel model, TrainingOptions options, Recorder log)
    {
        using var trainer = new Trainer(model, options, Tiny.Sources(), [log, new StopAt(steps)]);
        trainer.Run();
        return (
            trainer.Capture(),
            trainer.ModelTensors.ToDictionary(t => t.Name, t => t.Tensor.detach().clone()),
            trainer.OptimizerTensors.ToDictionary(t => t.Name, t => t.Tensor.clone()));
    }

    private sealed class StopAt(long step) : ITrainingObserver
    {
        public void Started(Trainer trainer) => Check(trainer);

        public void StepCompleted(Trainer trainer, StepResult result) => Check(trainer);

        public void Evaluated(Trainer trainer, EvaluationResult result) => Check(trainer);

        private void Check(Trainer trainer)
        {
            if (trainer.CurrentStep >= step)
            {
                trainer.RequestStop();
            }
        }
    }
}
