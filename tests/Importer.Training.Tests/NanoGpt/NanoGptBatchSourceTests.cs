using Importer.Training.Data;
using Importer.Training.NanoGpt;
using static TorchSharp.torch;

namespace Importer.Training.Tests.NanoGpt;

[Collection(TorchCollection.Name)]
public sealed class NanoGptBatchSourceTests
{
    [Fact]
    public void Windows_are_drawn_from_torchs_generator_as_get_batch_does()
    {
        using var scope = NewDisposeScope();
        var source = new NanoGptBatchSource(new Count(1000), 10);
        random.manual_seed(1337).Dispose();
        long[] expected = randint(0, 990, [4], dtype: ScalarType.Int64).data<long>().ToArray();
        random.manual_seed(1337).Dispose();
        using var batch = source.Read(0, 4);
        Assert.Equal(expected, batch.Ids.select(1, 0).contiguous().data<long>().ToArray());
        Assert.Equal([.. expected.Select(offset => offset + 10)], batch.Targets.select(1, 9).contiguous().data<long>().ToArray());
    }

    [Fact]
    public void A_run_in_compat_that_goes_on_sees_the_batch_that_was_drawn_ahead()
    {
        using var scope = NewDisposeScope();
        var whole = new Recorder();
        using var model = Tiny.Model(dropout: 0.1);
        random.manual_seed(7).Dispose();
        using var trainer = new Trainer(model, Options, Sources(), [whole]);
        trainer.Run();
        Assert.Equal(13, whole.Steps.Count);

        using var again = Tiny.Model(dropout: 0.1);
        random.manual_seed(7).Dispose();
        var early = new Recorder();
        using var first = new Trainer(again, Options, Sources(), [early, new StopAt(5)]);
        Assert.Equal(TrainingEnd.StopRequested, first.Run());
        var state = first.Capture();
        Assert.Equal(4, state.PendingOffsets.Count);
        var weights = first.ModelTensors.ToDictionary(item => item.Name, item => item.Tensor.detach().clone());
        var moments = first.OptimizerTensors.ToDictionary(item => item.Name, item => item.Tensor.clone());

        random.manual_seed(99).Dispose();
        using var other = ScratchModel.Create(Tiny.Config(dropout: 0.1), 8);
        var late = new Recorder();
        using var resumed = new Trainer(other, Options, Sources(), [late]);
        resumed.Restore(state, weights, moments);
        resumed.Run();
        Assert.Equal(whole.Steps.Select(step => step.Loss), early.Steps.Concat(late.Steps).Select(step => step.Loss));
        Assert.Equal(Tiny.Bits(trainer), Tiny.Bits(resumed));
    }

    [Fact]
    public void Data_of_one_block_has_no_window() =>
        Assert.Throws<TooFewTokensException>(() => new NanoGptBatchSource(new Count(10), 10));

    private static TrainingOptions Options => Tiny.Options with { NanogptCompat = true, Sampler = "random", EvalInterval = 4 };

    private static TrainingSources Sources() => new(
        new NanoGptBatchSource(new Count(500), Tiny.Block), [new("train", new NanoGptBatchSource(new Count(500), Tiny.Block)), new("val", new NanoGptBatchSource(new Count(300), Tiny.Block))]);

    private sealed class Count(long count) : ITokenSource
    {
        long ITokenSource.Count => count;

        public void Read(long offset, Span<long> tokens)
        {
            for (int i = 0; i < tokens.Length; i++)
            {
                tokens[i] = count >= 1000 ? offset + i : (offset + i) * (offset + i) % Tiny.Vocab;
            }
        }
    }

    private sealed class StopAt(long step) : ITrainingObserver
    {
        public void StepCompleted(Trainer trainer, StepResult result)
        {
            if (result.Step == step)
            {
                trainer.RequestStop();
            }
        }
    }
}
