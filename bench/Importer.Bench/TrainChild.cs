using System.Diagnostics;
using System.Globalization;
using Importer.Models.Gpt;
using Importer.Training;
using Importer.Training.Optimization;
using static TorchSharp.torch;

namespace Importer.Bench;

/// <summary>Training in a process of its own, step by step at the caller's word.</summary>
internal static class TrainChild
{
    /// <summary>A line of standard input per step; a line of figures each: seconds, processor seconds, loss, peak in MB.</summary>
    public static void Steps(string shape, int steps)
    {
        var (config, batch) = Shape(shape);
        const int length = 256;
        using var model = ScratchModel.Create(config, 1337, CPU);
        using var trainer = TrainerOf(model, batch, length);
        for (int i = 0; i < steps; i++)
        {
            Console.In.ReadLine();
            var processor = Environment.CpuUsage.TotalTime;
            long begin = Stopwatch.GetTimestamp();
            var result = trainer.Step();
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{Stopwatch.GetElapsedTime(begin).TotalSeconds} {(Environment.CpuUsage.TotalTime - processor).TotalSeconds} {result.Loss} {ChildTasks.Status("VmHWM") / (1 << 20)}"));
        }
    }

    /// <summary>What AdamW takes beyond its state, of 124M parameters: the peak of its steps over what there was before, in bytes.</summary>
    public static long OptimizerPeak()
    {
        using var model = ScratchModel.Create(new GptConfig(), 1, CPU);
        using var optimizer = new AdamW(ParameterGroup.ByDimension(model.named_parameters().Select(p => (p.name, p.parameter)), 0.1));
        foreach (var parameter in model.parameters())
        {
            using var gradient = zeros_like(parameter).add_(1e-3);
            parameter.grad = gradient;
        }

        optimizer.Step(0, 1);
        long before = ChildTasks.Status("VmRSS");
        File.WriteAllText("/proc/self/clear_refs", "5"); // resets the peak
        for (int i = 0; i < 3; i++)
        {
            optimizer.Step(1e-4, 1);
        }

        return ChildTasks.Status("VmHWM") - before;
    }

    /// <summary>
    /// How much native memory a process takes more from step 100 to step 1,100 of a small model with dropout and evaluations, in
    /// bytes: what is resident and no file's, without the managed heap, which grows to its budget and stays there.
    /// </summary>
    public static long Growth()
    {
        var config = new GptConfig { VocabSize = 65, BlockSize = 64, EmbeddingSize = 64, LayerCount = 2, HeadCount = 4, Bias = false }.WithDropout(0.1);
        using var model = ScratchModel.Create(config, 1, CPU);
        var noise = new NoiseSource(config.VocabSize, config.BlockSize);
        using var trainer = new Trainer(
            model, Options(4) with { GradientAccumulationSteps = 2, MaxIters = 1300, EvalInterval = 50, EvalIters = 2 }, new TrainingSources(noise, [new("val", noise)]));
        // It goes up and down by 3 MB, so means are compared, of five moments each that lie 1,000 updates apart.
        var before = new List<long>();
        var after = new List<long>();
        while (trainer.CurrentStep < 1300)
        {
            trainer.Step();
            if (trainer.CurrentStep % 50 == 0)
            {
                trainer.Evaluate();
                if (trainer.CurrentStep is > 50 and <= 300)
                {
                    before.Add(Settled());
                }
                else if (trainer.CurrentStep > 1050)
                {
                    after.Add(Settled());
                }
            }
        }

        return (long)(after.Average() - before.Average());

        static long Settled()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            return ChildTasks.Status("RssAnon") - GC.GetGCMemoryInfo().TotalCommittedBytes;
        }
    }

    /// <summary>A trainer of a model on windows of noise.</summary>
    public static Trainer TrainerOf(GptModel model, int batch, int length) =>
        new(model, Options(batch), new TrainingSources(new NoiseSource(model.Config.VocabSize, length), []));

    private static TrainingOptions Options(int batch) => new()
    {
        Data = "noise",
        Device = "cpu",
        BatchSize = batch,
        GradientAccumulationSteps = 1,
        MaxIters = 1_000_000,
        DecayLr = false,
        EvalIters = 1,
    };

    private static (GptConfig Config, int Batch) Shape(string name) => name switch
    {
        "big" => (new GptConfig { Activation = GptActivation.Gelu }.WithDropout(0), 2),
        "small" => (new GptConfig { VocabSize = 65, BlockSize = 256, EmbeddingSize = 384, LayerCount = 6, HeadCount = 6, Bias = false, Activation = GptActivation.Gelu }.WithDropout(0), 8),
        _ => throw new ArgumentException($"no shape {name}", nameof(name)),
    };

    private sealed class NoiseSource(int vocabSize, int length) : IBatchSource
    {
        private readonly Random _random = new(1);

        public long? SamplesPerEpoch => null;

        public TokenBatch Read(long firstSample, int count)
        {
            long[] tokens = [.. Enumerable.Range(0, count * (length + 1)).Select(_ => (long)_random.Next(vocabSize))];
            using var all = tensor(tokens).view(count, length + 1);
            return new TokenBatch(all.narrow(1, 0, length).contiguous(), all.narrow(1, 1, length).contiguous());
        }
    }
}
