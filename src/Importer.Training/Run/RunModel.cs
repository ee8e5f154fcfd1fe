using Importer.Loading;
using Importer.Models;
using Importer.Models.Gpt;
using TorchSharp;
using static TorchSharp.torch;

namespace Importer.Training;

/// <summary>Makes the model that a run trains.</summary>
internal static class RunModel
{
    // nanoGPT's train.py, where neither the options nor the data say anything.
    private const int Layers = 12, Heads = 12, Width = 768, Block = 1024, Vocabulary = 50304;

    /// <summary>The shape of a model from scratch: nanoGPT's, with the data's vocabulary.</summary>
    public static GptConfig FromScratch(TrainingOptions options, int? vocabulary)
    {
        var config = new GptConfig
        {
            LayerCount = options.NLayer ?? Layers,
            HeadCount = options.NHead ?? Heads,
            EmbeddingSize = options.NEmbd ?? Width,
            BlockSize = options.BlockSize ?? Block,
            VocabSize = options.VocabSize ?? vocabulary ?? Vocabulary,
            Bias = options.Bias ?? false,
            Activation = GptActivation.Gelu,
        }.WithDropout(options.Dropout);
        config.Validate("the options");
        return config;
    }

    /// <summary>The model: pretrained, with first weights, or with memory that a checkpoint is read into.</summary>
    public static PretrainedModel Create(RunStart start, ModelConfig config, Device device)
    {
        if (start.Checkpoint is not null)
        {
            return ScratchModel.Empty(config, device);
        }

        if (start.Options.NanogptCompat)
        {
            Seed(start.Options.Seed, device);
        }

        if (start.Pretrained is { } located)
        {
            // Mapped weights would be copied page by page as they are updated.
            return PretrainedModel.FromPretrained(located.Path, new PretrainedOptions
            {
                Device = device,
                DType = ScalarType.Float32,
                Dropout = start.Options.Dropout,
                BlockSize = config.BlockSize,
                Training = true,
                MapWhenPossible = false,
            });
        }

        return ScratchModel.Create((GptConfig)config, start.Options.Seed, device, start.Options.NanogptCompat);
    }

    // train.py begins with it: what is drawn later comes out of torch's own generators there.
    private static void Seed(long seed, Device device)
    {
        using var generator = random.manual_seed(seed);
        if (device.type == DeviceType.CUDA)
        {
            cuda.manual_seed_all(seed);
        }
    }

    /// <summary>The model of a rank that gets its weights from rank 0. In nanoGPT's way it has drawn its own first, from a seed of its own.</summary>
    public static PretrainedModel CreateToReceive(RunStart start, ModelConfig config, Device device, int rank)
    {
        if (start.Options.NanogptCompat)
        {
            Seed(start.Options.Seed + rank, device);
            if (start.IsScratch)
            {
                return ScratchModel.Create((GptConfig)config, start.Options.Seed + rank, device, nanogptCompat: true);
            }
        }

        return ScratchModel.Empty(config, device);
    }

    /// <summary>How many threads a run computes with; null for the machine's choice.</summary>
    /// <remarks>The number of threads is a thread's own in torch, and a run's for good: another one sums in another order. With other processes beside it everything is another.</remarks>
    public static int? ThreadsOf(RunStart start, int worldSize) =>
        start.Options.Threads ?? (start.Record?.Environment is { } was && was.WorldSize == worldSize ? was.Threads : null);

    /// <summary>The device that an option names.</summary>
    /// <param name="name">The option.</param>
    /// <param name="localRank">Which of this machine's GPUs is meant where the option does not say.</param>
    public static Device DeviceOf(string name, int localRank = 0)
    {
        int count = cuda.is_available() ? cuda.device_count() : 0;
        if (name is "cpu" || (name is "auto" && count == 0))
        {
            return CPU;
        }

        int index = name.StartsWith("cuda:", StringComparison.Ordinal) ? int.Parse(name.AsSpan(5), System.Globalization.CultureInfo.InvariantCulture) : localRank;
        return index < count
            ? new Device(DeviceType.CUDA, index)
            : throw new ArgumentException($"There is no {(localRank == 0 ? name : $"cuda:{index} for the process with LOCAL_RANK {localRank}")}: this torch sees {count} CUDA devices.", nameof(name));
    }
}
