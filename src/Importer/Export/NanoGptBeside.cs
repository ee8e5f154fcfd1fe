using Importer.IO;
using Importer.Models.Gpt;
using Importer.Sources;
using PyTorchCheckpoints;

namespace Importer.Export;

/// <summary>What stands beside the model in nanoGPT's checkpoint: the caller's, or the source's own, or the beginning of a training.</summary>
internal sealed class NanoGptBeside
{
    private const string NoOptimizer = "No optimizer state is written: sample.py --init_from=resume reads the file, train.py --init_from=resume asks for one.";
    private readonly DictionaryValue? _config;

    private NanoGptBeside(CheckpointValue iterNum, CheckpointValue bestValLoss, DictionaryValue? config, DictionaryValue? optimizer)
    {
        IterNum = iterNum;
        BestValLoss = bestValLoss;
        _config = config;
        Optimizer = optimizer;
        ByteCount = optimizer is null ? 0 : Bytes(optimizer);
    }

    /// <summary>Steps that were trained.</summary>
    public CheckpointValue IterNum { get; }

    /// <summary>The best loss so far; a tensor, as train.py has it, which PyTorch 1's weights_only takes and a float not.</summary>
    public CheckpointValue BestValLoss { get; }

    /// <summary>The optimizer's state dict, or null.</summary>
    public DictionaryValue? Optimizer { get; }

    /// <summary>What a person should know.</summary>
    public IReadOnlyList<string> Notes { get; private init; } = [];

    /// <summary>Bytes of the tensors among it.</summary>
    public long ByteCount { get; }

    /// <summary>Takes the caller's, or what the source has.</summary>
    public static NanoGptBeside Of(ExportSource source, ExportOptions options)
    {
        if (options.NanoGpt is null && source.NanoGpt is { } root)
        {
            return OfCheckpoint(root, options.KeepOptimizer);
        }

        var given = options.NanoGpt ?? new NanoGptState();
        return new NanoGptBeside((long)given.IterNum, Scalar(given.BestValLoss), given.Config, given.Optimizer)
        {
            Notes = given.Optimizer is not null ? []
                : IsRun(source) ? ["The optimizer's state of the training run is not written: import-weights checkpoints export writes it too, for train.py --init_from=resume."]
                : [NoOptimizer],
        };
    }

    private static bool IsRun(ExportSource source) =>
        source.Path is { } path && FileFacts.TryOf(Path.Combine(path, RunCheckpoints.OptimizerName)).Kind == FileKind.File;

    private static NanoGptBeside OfCheckpoint(DictionaryValue root, bool keepOptimizer)
    {
        var first = new NanoGptState();

        // As it is: it numbers the parameters in the order of the nanoGPT that wrote it, and these have not changed.
        bool isThere = root.TryGetValue("optimizer", out var saved), isOne = isThere && OptimizerState.TryRead(saved!, out _);
        var optimizer = keepOptimizer && isOne ? (DictionaryValue)saved! : null;
        return new NanoGptBeside(
            root.TryGetValue("iter_num", out var step) && step is IntegerValue ? step : (long)first.IterNum,
            root.TryGetValue("best_val_loss", out var loss) && loss is PyTorchTensor { ElementCount: 1 } or FloatValue ? loss : Scalar(first.BestValLoss),
            root.TryGetValue("config", out var config) ? config as DictionaryValue : null,
            optimizer)
        {
            Notes =
            [
                optimizer is not null
                    ? FormattableString.Invariant($"The source's optimizer state goes along, {Bytes(optimizer):N0} bytes: train.py --init_from=resume goes on from it. --no-optimizer leaves it out.")
                    : keepOptimizer && isThere ? "The source's optimizer state is not built as torch.optim's is, and is left out. " + NoOptimizer
                    : NoOptimizer,
            ],
        };
    }

    /// <summary>The settings of the training, signed.</summary>
    /// <param name="model">The model's shape, which they are where there are none.</param>
    /// <param name="tool">The program that writes them.</param>
    public DictionaryValue Config(GptConfig model, string tool)
    {
        var config = new DictionaryValue();
        foreach (var (key, value) in (_config ?? Shape(model)).Where(entry => entry.Key is not TextValue { Value: ExportedNames.CheckpointMark }))
        {
            config.Add(key, value);
        }

        config.Add(ExportedNames.CheckpointMark, tool);
        return config;
    }

    /// <summary>The model's shape under nanoGPT's names, in the order of train.py's model_args, without the vocabulary.</summary>
    public static DictionaryValue Shape(GptConfig config) => new()
    {
        { "n_layer", (long)config.LayerCount },
        { "n_head", (long)config.HeadCount },
        { "n_embd", (long)config.EmbeddingSize },
        { "block_size", (long)config.BlockSize },
        { "bias", config.Bias },
        // A whole number where it can be one: weights_only of PyTorch 1 takes no floats.
        { "dropout", config.ResidualDropout == 0 ? (CheckpointValue)0L : config.ResidualDropout },
    };

    private static PyTorchTensor Scalar(float value) => PyTorchTensor.FromBytes(TorchDType.Float32, [], BitConverter.GetBytes(value));

    // Each container once and each storage once, as the writer takes them: what a file shares can stand for any number of values.
    private static long Bytes(CheckpointValue root)
    {
        HashSet<object> seen = new(ReferenceEqualityComparer.Instance);
        Stack<CheckpointValue> open = new([root]);
        long bytes = 0;
        while (open.TryPop(out var value))
        {
            if (value is PyTorchTensor tensor)
            {
                bytes += seen.Add(tensor.Storage) ? tensor.Storage.ByteCount : 0;
            }
            else if (value is DictionaryValue or SequenceValue && seen.Add(value))
            {
                foreach (var child in value is DictionaryValue dictionary ? dictionary.Select(entry => entry.Value) : (SequenceValue)value)
                {
                    open.Push(child);
                }
            }
        }

        return bytes;
    }
}
