using Importer.Models.Gpt;
using static TorchSharp.torch;

namespace Importer.Training.Tests;

/// <summary>A model, options and sources that train in milliseconds.</summary>
internal static class Tiny
{
    public const int Vocab = 29, Block = 16;

    public static GptConfig Config(double dropout = 0, bool tied = true) =>
        new GptConfig { VocabSize = Vocab, BlockSize = Block, EmbeddingSize = 16, LayerCount = 2, HeadCount = 2, Bias = false, Activation = GptActivation.Gelu, TieWordEmbeddings = tied }
            .WithDropout(dropout);

    public static GptModel Model(double dropout = 0, bool tied = true) => ScratchModel.Create(Config(dropout, tied), seed: 5, CPU);

    public static TrainingOptions Options => new()
    {
        Data = "numbers",
        Device = "cpu",
        BatchSize = 4,
        GradientAccumulationSteps = 2,
        MaxIters = 12,
        WarmupIters = 2,
        LearningRate = 1e-2,
        MinLr = 1e-3,
        EvalInterval = 4,
        EvalIters = 2,
    };

    public static TrainingSources Sources() => new(
        new NumberSource(Vocab, Block), [new("train", new NumberSource(Vocab, Block)), new("val", new NumberSource(Vocab, Block, 60))]);

    /// <summary>Every bit of a run's tensors.</summary>
    public static byte[] Bits(Trainer trainer)
    {
        using var scope = NewDisposeScope();
        return [.. trainer.ModelTensors.Concat(trainer.OptimizerTensors).SelectMany(item => item.Tensor.detach().bytes.ToArray())];
    }
}
