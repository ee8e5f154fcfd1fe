using Importer.Training.Distributed;
using static TorchSharp.torch;

namespace Importer.Training.Tests.Distributed;

/// <summary>Updates that several ranks make together. Without dropout, for the ranks are threads and torch's generator is the process's.</summary>
[Collection("torch")]
public sealed class GroupTrainerTests
{
    private static TrainingOptions Options => Tiny.Options with { GradientAccumulationSteps = 4 };

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public async Task The_updates_are_those_of_one_process_within_rounding_and_the_same_bits_in_every_rank(int world)
    {
        var alone = Alone(Options);
        var ranks = await TogetherAsync(world, Options);
        var again = await TogetherAsync(world, Options);

        Assert.All(ranks, rank => Assert.True(rank.Bits.AsSpan().SequenceEqual(ranks[0].Bits)));
        Assert.True(again[0].Bits.AsSpan().SequenceEqual(ranks[0].Bits));
        Assert.Equal(alone.Steps.Count, ranks[0].Steps.Count);
        foreach (var (one, many) in alone.Steps.Zip(ranks[0].Steps))
        {
            AssertClose(one.Loss, many.Loss, 1e-6);
            AssertClose(one.GradientNorm, many.GradientNorm, 1e-5);
            Assert.Equal((one.Step, one.Samples, one.Tokens, one.LearningRate, one.Epoch), (many.Step, many.Samples, many.Tokens, many.LearningRate, many.Epoch));
        }
    }

    [Fact]
    public async Task The_first_update_is_that_of_one_process_to_a_millionth()
    {
        var options = Options with { MaxIters = 1, WarmupIters = 0, EvalInterval = 100 };
        var alone = Alone(options);
        var ranks = await TogetherAsync(2, options);
        AssertClose(alone.Steps[0].Loss, ranks[0].Steps[0].Loss, 1e-6);
        AssertClose(alone.Steps[0].GradientNorm, ranks[0].Steps[0].GradientNorm, 1e-6);
        var (expected, found) = (Floats(alone.Moments), Floats(ranks[0].Moments));
        float largest = expected.Max(MathF.Abs);
        Assert.True(largest > 0);
        Assert.All(expected.Zip(found), pair => Assert.True(Math.Abs(pair.First - pair.Second) <= 1e-6 * largest));
    }

    [Fact]
    public async Task Windows_are_read_once_each_in_the_order_of_one_process()
    {
        var sources = Enumerable.Range(0, 2).Select(_ => new NumberSource(Tiny.Vocab, Tiny.Block)).ToArray();
        await Ranks.RunAsync(2, group => Train(group, Options with { MaxIters = 3 }, new TrainingSources(sources[group.Rank], [])));

        Assert.Equal([0, 1, 2, 3, 8, 9, 10, 11], sources[0].Read.Take(8).Select(sample => sample));
        Assert.Equal([4, 5, 6, 7, 12, 13, 14, 15], sources[1].Read.Take(8));
        Assert.Equal(Enumerable.Range(0, 48).Select(sample => (long)sample), sources.SelectMany(source => source.Read).Order());
    }

    [Fact]
    public async Task A_last_update_with_fewer_micro_steps_than_ranks_is_that_of_one_process()
    {
        // 20 windows: an update of 16, and one of a single micro-step, of which rank 1 has none.
        var options = Options with { MaxIters = null, Epochs = 20 / 64.0, EvalInterval = 100 };
        var alone = Alone(options);
        var ranks = await TogetherAsync(2, options);
        Assert.Equal(4, ranks[0].Steps[^1].Samples);
        AssertClose(alone.Steps[^1].Loss, ranks[0].Steps[^1].Loss, 1e-6);
        Assert.Equal(ranks[0].Bits, ranks[1].Bits);
    }

    [Theory]
    [InlineData("bfloat16")]
    [InlineData("float32")]
    public async Task Every_dtype_gives_the_same_bits_in_every_rank(string dtype)
    {
        var ranks = await TogetherAsync(2, Options with { Dtype = dtype, MaxIters = 3 });
        Assert.Equal(ranks[0].Bits, ranks[1].Bits);
        Assert.Equal(3, ranks[1].Steps.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_cancelled_rank_stops_all_after_the_same_update(int cancelled)
    {
        var steps = new long[2];
        await Ranks.RunAsync(2, group =>
        {
            using var cancellation = new CancellationTokenSource();
            using var model = Tiny.Model();
            var observer = new Run.Lab.At(5, () =>
            {
                if (group.Rank == cancelled)
                {
                    cancellation.Cancel();
                }
            });
            using var trainer = new Trainer(model, Options, Tiny.Sources(), [observer], group);
            trainer.Synchronize();
            Assert.ThrowsAny<OperationCanceledException>(() => trainer.Run(cancellation.Token));
            steps[group.Rank] = trainer.CurrentStep;
            group.Barrier();
        });
        Assert.Equal([5, 5], steps);
    }

    [Fact]
    public async Task The_weights_of_rank_0_are_everybodys()
    {
        byte[][] bits = new byte[2][];
        await Ranks.RunAsync(2, group =>
        {
            using var model = ScratchModel.Create(Tiny.Config(), seed: 5 + group.Rank, CPU);
            using var trainer = new Trainer(model, Options, Tiny.Sources(), group: group);
            trainer.Synchronize();
            bits[group.Rank] = Tiny.Bits(trainer);
        });
        Assert.Equal(bits[0], bits[1]);
    }

    [Fact]
    public async Task Micro_steps_that_cannot_be_shared_are_refused_by_both_numbers()
    {
        var errors = await Ranks.TryAsync(3, group => Train(group, Options, Tiny.Sources()));
        Assert.All(errors, error => Assert.Contains(
            "gradient_accumulation_steps is 4, which the world size of 3 does not divide", Assert.IsType<TrainingConfigurationException>(error).Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Where_the_ranks_of_another_group_stood_is_forgotten()
    {
        using var model = Tiny.Model();
        using var trainer = new Trainer(model, Options, Tiny.Sources());
        trainer.Restore(trainer.Capture() with { Ranks = [new RankState([1], [2])] });
        Assert.Null(trainer.Capture().Ranks);
    }

    private static void Train(ProcessGroup group, TrainingOptions options, TrainingSources sources)
    {
        using var model = Tiny.Model();
        using var trainer = new Trainer(model, options, sources, group: group);
        trainer.Synchronize();
        trainer.Run();
    }

    private static Result Alone(TrainingOptions options)
    {
        using var model = Tiny.Model();
        var recorder = new Recorder();
        using var trainer = new Trainer(model, options, Tiny.Sources(), [recorder]);
        trainer.Run();
        return new Result(Tiny.Bits(trainer), Moments(trainer), recorder.Steps);
    }

    private static async Task<Result[]> TogetherAsync(int world, TrainingOptions options)
    {
        var results = new Result[world];
        // One after the other: what draws first weights has one generator in this process.
        var models = Enumerable.Range(0, world).Select(_ => Tiny.Model()).ToArray();
        await Ranks.RunAsync(world, group =>
        {
            var recorder = new Recorder();
            using var trainer = new Trainer(models[group.Rank], options, Tiny.Sources(), [recorder], group);
            trainer.Synchronize();
            Assert.Equal(TrainingEnd.Completed, trainer.Run());
            results[group.Rank] = new Result(Tiny.Bits(trainer), Moments(trainer), recorder.Steps);
        });
        Array.ForEach(models, model => model.Dispose());
        return results;
    }

    private static byte[] Moments(Trainer trainer)
    {
        using var scope = NewDisposeScope();
        return [.. trainer.OptimizerTensors.Where(item => item.Name.EndsWith(".exp_avg", StringComparison.Ordinal)).SelectMany(item => item.Tensor.bytes.ToArray())];
    }

    private static float[] Floats(byte[] bytes) => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(bytes).ToArray();

    private static void AssertClose(double expected, double found, double relative) =>
        Assert.True(Math.Abs(expected - found) <= relative * Math.Abs(expected), $"{found:R} instead of {expected:R}");

    private sealed record Result(byte[] Bits, byte[] Moments, IReadOnlyList<StepResult> Steps);
}
