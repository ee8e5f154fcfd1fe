using Tests.Shared;
using static TorchSharp.torch;

namespace Importer.Training.Tests;

[Collection(TorchCollection.Name)]
public sealed class TrainerTests
{
    [Fact]
    public void Learns_and_makes_exactly_as_many_updates_as_asked()
    {
        using var model = Tiny.Model();
        var log = new Recorder();
        using var trainer = new Trainer(model, Tiny.Options with { MaxIters = 60, EvalInterval = 30 }, Tiny.Sources(), [log]);
        Assert.Equal(TrainingEnd.Completed, trainer.Run());
        Assert.Equal(Enumerable.Range(1, 60).Select(i => (long)i), log.Steps.Select(step => step.Step));
        Assert.Equal([0L, 30, 60], log.Evaluations.Select(evaluation => evaluation.Step));
        Assert.True(log.Evaluations[^1].ValidationLoss < log.Evaluations[0].ValidationLoss - 1, $"{log.Evaluations[0].ValidationLoss} to {log.Evaluations[^1].ValidationLoss}");
        Assert.All(log.Steps, step => Assert.Equal(trainer.Schedule.At(step.Step - 1), step.LearningRate));
        Assert.Equal(TrainingEnd.Completed, Assert.Single(log.Ends));
        Assert.Equal(60 * 8 * Tiny.Block, trainer.Capture().TokensSeen);
    }

    [Fact]
    public void Each_window_is_read_as_often_as_there_are_epochs_whatever_the_batch()
    {
        using var model = Tiny.Model();
        var source = new NumberSource(Tiny.Vocab, Tiny.Block, samplesPerEpoch: 21);
        using var trainer = new Trainer(model, Tiny.Options with { MaxIters = null, Epochs = 2 }, new TrainingSources(source, []));
        Assert.Equal(6, trainer.TotalSteps);
        trainer.Run();
        Assert.Equal(Enumerable.Range(0, 42).Select(i => (long)i), source.Read);
        Assert.Equal(2, trainer.Epoch);
    }

    [Fact]
    public void The_gradient_of_two_micro_steps_is_that_of_one_twice_as_large()
    {
        Assert.Equal(Norms(4, 2), Norms(8, 1), new Near(1e-5));

        static double[] Norms(int batch, int micro)
        {
            using var model = Tiny.Model();
            var options = Tiny.Options with { BatchSize = batch, GradientAccumulationSteps = micro };
            using var trainer = new Trainer(model, options, Tiny.Sources());
            return [.. Enumerable.Range(0, 3).SelectMany(_ => { var step = trainer.Step(); return new[] { step.Loss, step.GradientNorm }; })];
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_gradients_of_a_step_are_autograds(bool tied)
    {
        using var scope = NewDisposeScope();
        using var model = Tiny.Model(tied: tied);
        using var batch = ((IBatchSource)new NumberSource(Tiny.Vocab, Tiny.Block)).Read(0, 8);
        model.train();
        model.Loss(batch.Ids, batch.Targets).backward();
        var gradients = model.named_parameters().ToDictionary(p => p.name, p => p.parameter.grad!.clone());
        model.zero_grad(set_to_none: true);

        // After one update every first moment is a tenth of the gradient.
        using var trainer = new Trainer(model, Tiny.Options with { GradClip = 0 }, Tiny.Sources());
        trainer.Step();
        var moments = trainer.OptimizerTensors.ToDictionary(item => item.Name, item => item.Tensor);
        Assert.All(gradients, gradient => Assert.True(moments[gradient.Key + ".exp_avg"].allclose(gradient.Value * 0.1, 1e-4, 1e-7), gradient.Key));
    }

    [Fact]
    public void Evaluations_change_nothing_with_dropout()
    {
        Assert.Equal(Train(4), Train(1000));

        static byte[] Train(long interval)
        {
            using var model = Tiny.Model(dropout: 0.2);
            using var trainer = new Trainer(model, Tiny.Options with { EvalInterval = interval }, Tiny.Sources());
            trainer.Run();
            return Tiny.Bits(trainer);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void No_tensor_is_left_behind_over_many_steps(bool bf16)
    {
        using var model = Tiny.Model(dropout: 0.1);
        using var trainer = new Trainer(model, Tiny.Options with { MaxIters = 1000, Dtype = bf16 ? "bfloat16" : "float32" }, Tiny.Sources());
        trainer.Step();
        trainer.Evaluate();
        long before = LiveTensors.Settle();
        for (int i = 0; i < 50; i++)
        {
            trainer.Step();
        }

        trainer.Evaluate();
        trainer.Capture();
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void Cancelled_between_micro_steps_the_state_is_that_of_the_update_before()
    {
        using var model = Tiny.Model();
        using var cancel = new CancellationTokenSource();
        var source = new CancelAt(new NumberSource(Tiny.Vocab, Tiny.Block), cancel, sample: 12);
        using var trainer = new Trainer(model, Tiny.Options, new TrainingSources(source, []));
        trainer.Step();
        byte[] bits = Tiny.Bits(trainer);
        Assert.Throws<OperationCanceledException>(() => trainer.Step(cancel.Token));
        Assert.Equal(1, trainer.CurrentStep);
        Assert.Equal(8, trainer.Capture().SamplesSeen);
        Assert.Equal(bits, Tiny.Bits(trainer));
        Assert.All(model.parameters(), parameter => Assert.Null(parameter.grad));
    }

    [Fact]
    public void A_cancelled_evaluation_has_no_result()
    {
        using var model = Tiny.Model();
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        using var trainer = new Trainer(model, Tiny.Options, Tiny.Sources());
        Assert.Throws<OperationCanceledException>(() => trainer.Run(cancel.Token));
        Assert.Null(trainer.BestLoss);
        Assert.Equal(0, trainer.CurrentStep);
    }

    [Fact]
    public void A_loss_that_is_not_finite_stops_before_the_weights_are_spoilt()
    {
        using var model = Tiny.Model();
        using var trainer = new Trainer(model, Tiny.Options, Tiny.Sources());
        trainer.Step();
        using (no_grad())
        {
            model.get_parameter("transformer.wte.weight")!.mul_(float.PositiveInfinity);
        }

        byte[] bits = Tiny.Bits(trainer);
        var error = Assert.Throws<TrainingDivergedException>(() => trainer.Step());
        Assert.Equal(1, error.Step);
        Assert.Equal(bits, Tiny.Bits(trainer));
    }

    [Fact]
    public void An_id_that_the_model_does_not_know_is_said()
    {
        using var model = Tiny.Model();
        using var trainer = new Trainer(model, Tiny.Options, new TrainingSources(new NumberSource(40, Tiny.Block), []));
        Assert.Equal(Tiny.Vocab, Assert.Throws<TokenOutOfVocabularyException>(() => trainer.Step()).VocabSize);

        using var other = new Trainer(model, Tiny.Options, new TrainingSources(new OneTarget(Tiny.Vocab), []));
        Assert.Equal(Tiny.Vocab, Assert.Throws<TokenOutOfVocabularyException>(() => other.Step()).VocabSize);
    }

    [Theory]
    [InlineData(1e15, 9_007_199_254_740_992)]
    [InlineData(1e-9, 1)]
    [InlineData(1.5, 96)]
    public void However_many_epochs_their_windows_are_a_number(double epochs, long windows) =>
        Assert.Equal(((windows + 7) / 8, windows), RunLength.Of(Tiny.Options with { MaxIters = null, Epochs = epochs }, 64));

    [Fact]
    public void The_best_loss_stays_and_patience_ends_the_run()
    {
        using var model = Tiny.Model();
        var log = new Recorder();
        var options = Tiny.Options with { LearningRate = 0, MinLr = 0, MaxIters = 1000, EvalInterval = 1, EarlyStoppingPatience = 3 };
        using var trainer = new Trainer(model, options, new TrainingSources(new NumberSource(Tiny.Vocab, Tiny.Block), [new("val", new NumberSource(Tiny.Vocab, Tiny.Block, 8))]), [log]);
        Assert.Equal(TrainingEnd.EarlyStopped, trainer.Run());
        Assert.Equal(log.Evaluations.Min(evaluation => evaluation.ValidationLoss), trainer.BestLoss);
        Assert.Equal(3, trainer.Capture().EvaluationsSinceBest);
    }

    [Fact]
    public void Runs_end_for_the_reason_they_were_given()
    {
        using var model = Tiny.Model();
        var options = Tiny.Options with { MaxIters = 1000, EvalInterval = 1000 };
        Assert.Equal(TrainingEnd.Evaluated, Run(options with { EvalOnly = true }));
        Assert.Equal(TrainingEnd.EpochsReached, Run(options with { StopAfterEpochs = 0.5 }));
        Assert.Equal(TrainingEnd.TimeReached, Run(options with { MaxMinutes = 1e-9 }));
        Assert.Equal(TrainingEnd.StopRequested, Run(options, new Stopper()));

        TrainingEnd Run(TrainingOptions asked, params ITrainingObserver[] observers)
        {
            using var trainer = new Trainer(model, asked, Tiny.Sources(), observers);
            return trainer.Run();
        }
    }

    [Fact]
    public void In_bfloat16_the_weights_that_are_trained_are_f32_and_it_learns()
    {
        using var model = Tiny.Model();
        using var trainer = new Trainer(model, Tiny.Options with { Dtype = "bfloat16", MaxIters = 60 }, Tiny.Sources());
        double before = trainer.Evaluate().ValidationLoss;
        trainer.Run();
        Assert.All(trainer.ModelTensors, item => Assert.Equal(ScalarType.Float32, item.Tensor.dtype));
        Assert.All(model.parameters(), parameter => Assert.Equal(ScalarType.BFloat16, parameter.dtype));
        Assert.True(trainer.BestLoss < before - 1, $"{before} to {trainer.BestLoss}");
        foreach (var ((name, master), (_, working)) in trainer.ModelTensors.Select(item => (item.Name, item.Tensor)).Zip(model.named_parameters()))
        {
            using var narrowed = master.to(ScalarType.BFloat16);
            Assert.True(narrowed.Equals(working), name);
        }
    }

    private sealed class Near(double relative) : IEqualityComparer<double>
    {
        public bool Equals(double x, double y) => Math.Abs(x - y) <= relative * Math.Max(Math.Abs(x), Math.Abs(y));

        public int GetHashCode(double x) => 0;
    }

    private sealed class Stopper : ITrainingObserver
    {
        public void StepCompleted(Trainer trainer, StepResult result) => trainer.RequestStop();
    }

    /// <summary>Windows of which only the last target is no id.</summary>
    private sealed class OneTarget(long id) : IBatchSource
    {
        public long? SamplesPerEpoch => 1;

        public TokenBatch Read(long firstSample, int count)
        {
            var targets = ones([count, Tiny.Block], dtype: ScalarType.Int64);
            targets[count - 1, Tiny.Block - 1] = id;
            return new TokenBatch(ones([count, Tiny.Block], dtype: ScalarType.Int64), targets);
        }
    }

    // The second update reads the windows 8 to 11 and 12 to 15: it is cancelled in the first micro-step.
    private sealed class CancelAt(IBatchSource source, CancellationTokenSource cancel, long sample) : IBatchSource
    {
        public long? SamplesPerEpoch => source.SamplesPerEpoch;

        public TokenBatch Read(long firstSample, int count)
        {
            Assert.True(firstSample < sample);
            if (firstSample + count == sample)
            {
                cancel.Cancel();
            }

            return source.Read(firstSample, count);
        }
    }
}
