using Importer.Models.Gpt;
using Importer.Training.NanoGpt;
using PyTorchCheckpoints;
using SafeTensorSharp;
using Tests.Shared;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace Importer.Training.Tests.NanoGpt;

/// <summary>nanoGPT's own run, resumed by train.py at iteration 250, on the very batches that it drew: fixtures/nanogpt-ckpt.</summary>
[Collection(TorchCollection.Name)]
public sealed class ResumeReplayTests(ITestOutputHelper output)
{
    private const int Steps = 51;

    private static readonly string Folder = Repository.Fixture("nanogpt-ckpt");

    // The settings of its README.md.
    private static readonly TrainingOptions Options = new()
    {
        Data = "replay",
        Device = "cpu",
        InitFrom = "resume",
        NanogptCompat = true,
        Sampler = "random",
        BatchSize = 8,
        GradientAccumulationSteps = 1,
        WeightDecay = 0.1,
        GradClip = 1,
        Beta2 = 0.99,
        LearningRate = 5e-3,
        MinLr = 5e-4,
        WarmupIters = 5,
        LrDecayIters = 300,
        MaxIters = 300,
        EvalInterval = 50,
        EvalIters = 5,
    };

    [Fact]
    public void The_51_steps_after_iteration_250_are_nanoGPTs()
    {
        using var scope = NewDisposeScope();
        using var replay = SafeTensorFile.Open(Path.Combine(Folder, "resume_replay.safetensors"));
        string path = Path.Combine(Folder, "ckpt_iter250.pt");
        using var model = GptModel.FromPretrained(path, new() { Device = CPU, Dropout = 0, Training = true });
        using var checkpoint = NanoGptCheckpoint.Open(path);
        var log = new Recorder();
        using var trainer = new Trainer(model, Options, new TrainingSources(new ReplaySource(replay), []), [log]);
        checkpoint.Resume(trainer);
        Assert.Equal(250, trainer.CurrentStep);
        Assert.Equal(Steps, trainer.TotalSteps - trainer.CurrentStep);

        trainer.Step();
        AssertWeights(replay, "after_iter250.", trainer, 1e-6);
        while (trainer.CurrentStep < 300)
        {
            trainer.Step();
        }

        AssertWeights(replay, "after_iter299.", trainer, 1e-3);
        Assert.Equal(TrainingEnd.Completed, trainer.Run());
        Assert.Equal(301, trainer.CurrentStep);

        AssertNear(Numbers(replay, "loss"), log.Steps.Select(step => step.Loss), 1e-4);
        AssertNear(Numbers(replay, "grad_norm"), log.Steps.Select(step => step.GradientNorm), 1e-4);
        AssertNear(Numbers(replay, "lr"), log.Steps.Select(step => step.LearningRate), 1e-12);
    }

    [Fact]
    public void The_checkpoint_says_how_far_nanoGPT_was()
    {
        using var checkpoint = NanoGptCheckpoint.Open(Path.Combine(Folder, "ckpt_iter250.pt"));
        Assert.Equal(250, checkpoint.Step);
        Assert.InRange(checkpoint.BestLoss!.Value, 2.4, 2.7);
        Assert.True(checkpoint.HasOptimizer);
        Assert.Equal(0.005, (double)checkpoint.Config!["learning_rate"]!);
    }

    [Fact]
    public void What_is_written_for_nanoGPT_resumes_bit_for_bit()
    {
        using var scope = NewDisposeScope();
        using var directory = new TemporaryDirectory();
        using var replay = SafeTensorFile.Open(Path.Combine(Folder, "resume_replay.safetensors"));
        string path = Path.Combine(Folder, "ckpt_iter250.pt"), copy = Path.Combine(directory.Path, "ckpt.pt");
        using var model = GptModel.FromPretrained(path, new() { Device = CPU, Dropout = 0 });
        using var trainer = new Trainer(model, Options, new TrainingSources(new ReplaySource(replay), []));
        using (var checkpoint = NanoGptCheckpoint.Open(path))
        {
            checkpoint.Resume(trainer);
        }

        trainer.Step();
        using (var original = PyTorchCheckpoint.Open(path))
        {
            PyTorchWriter.Write(copy, new DictionaryValue
            {
                { "model", PyTorchWriter.StateDict(trainer.ModelTensors.Select(item => KeyValuePair.Create(item.Name, Tensor(item.Tensor)))) },
                { "optimizer", NanoGptOptimizerState.ToStateDict(trainer) },
                { "model_args", ((DictionaryValue)original.Header.Root)["model_args"] },
                { "iter_num", trainer.CurrentStep },
                { "best_val_loss", 2.5 },
            });
        }

        using var second = GptModel.FromPretrained(copy, new() { Device = CPU, Dropout = 0 });
        using var resumed = new Trainer(second, Options, new TrainingSources(new ReplaySource(replay), []));
        using (var checkpoint = NanoGptCheckpoint.Open(copy))
        {
            checkpoint.Resume(resumed);
        }

        Assert.Equal(251, resumed.CurrentStep);
        Assert.Equal(Tiny.Bits(trainer), Tiny.Bits(resumed));

        static PyTorchTensor Tensor(TorchSharp.torch.Tensor tensor) =>
            PyTorchTensor.FromBytes(TorchDType.Float32, tensor.shape, tensor.detach().bytes.ToArray());
    }

    [Fact]
    public void A_context_that_is_cropped_takes_the_first_rows_of_its_moments()
    {
        using var scope = NewDisposeScope();
        string path = Path.Combine(Folder, "ckpt_iter250.pt");
        using var whole = GptModel.FromPretrained(path, new() { Device = CPU });
        using var cropped = GptModel.FromPretrained(path, new() { Device = CPU, BlockSize = 16 });
        using var one = Resumed(whole);
        using var two = Resumed(cropped);
        foreach (string name in new[] { "exp_avg", "exp_avg_sq" })
        {
            var moment = two.OptimizerTensors.Single(item => item.Name == $"transformer.wpe.weight.{name}").Tensor;
            Assert.Equal([16, 40], moment.shape);
            Assert.True(moment.Equals(one.OptimizerTensors.Single(item => item.Name == $"transformer.wpe.weight.{name}").Tensor.narrow(0, 0, 16)));
        }

        Trainer Resumed(GptModel model)
        {
            var trainer = new Trainer(model, Options, new TrainingSources(new NumberSource(65, 16), []));
            using var checkpoint = NanoGptCheckpoint.Open(path);
            checkpoint.Resume(trainer);
            return trainer;
        }
    }

    [Fact]
    public void Another_models_optimizer_is_refused_with_all_that_does_not_fit()
    {
        using var model = ScratchModel.Create(new GptConfig { VocabSize = 65, BlockSize = 64, EmbeddingSize = 48, LayerCount = 3, HeadCount = 4, Bias = false }, 1);
        using var trainer = new Trainer(model, Options, new TrainingSources(new NumberSource(65, 64), []));
        using var checkpoint = NanoGptCheckpoint.Open(Path.Combine(Folder, "ckpt_iter250.pt"));
        var error = Assert.Throws<NanoGptCheckpointException>(() => checkpoint.Resume(trainer));
        Assert.True(error.Problems.Count > 1);
        Assert.Equal(0, trainer.CurrentStep);
    }

    private void AssertWeights(SafeTensorFile replay, string prefix, Trainer trainer, double tolerance)
    {
        int compared = 0;
        double largest = 0;
        foreach (var (name, tensor) in trainer.ModelTensors.Where(item => replay.Header.TryGetTensor(prefix + item.Name, out _)))
        {
            float[] expected = Floats(replay, prefix + name);
            float[] actual = tensor.detach().data<float>().ToArray();
            double difference = expected.Zip(actual).Max(pair => Math.Abs(pair.First - pair.Second));
            largest = Math.Max(largest, difference);
            Assert.True(difference <= tolerance, $"{prefix}{name} differs by {difference}");
            compared++;
        }

        Assert.True(compared >= 3);
        output.WriteLine($"{prefix}: the largest difference of a weight is {largest:g2}");
    }

    private void AssertNear(double[] expected, IEnumerable<double> actual, double relative)
    {
        Assert.Equal(expected.Length, actual.Count());
        output.WriteLine($"the largest relative difference is {expected.Zip(actual).Max(pair => Math.Abs(pair.Second / pair.First - 1)):g2}");
        Assert.All(expected.Zip(actual), pair => Assert.InRange(pair.Second / pair.First, 1 - relative, 1 + relative));
    }

    private static double[] Numbers(SafeTensorFile file, string name) => [.. System.Runtime.InteropServices.MemoryMarshal.Cast<byte, double>(file.ReadBytes(name))];

    private static float[] Floats(SafeTensorFile file, string name) => [.. System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(file.ReadBytes(name))];

    private sealed class ReplaySource(SafeTensorFile replay) : IBatchSource
    {
        private readonly long[] _tokens = [.. System.Runtime.InteropServices.MemoryMarshal.Cast<byte, long>(replay.ReadBytes("tokens"))];

        public long? SamplesPerEpoch => null;

        public TokenBatch Read(long firstSample, int count)
        {
            int step = (int)(firstSample / 8) - 250;
            using var all = tensor(_tokens).view(Steps, 8, 65);
            using var batch = all.select(0, step);
            return new TokenBatch(batch.narrow(1, 0, 64).contiguous(), batch.narrow(1, 1, 64).contiguous());
        }
    }
}
