using Importer.Models.Gpt;
using PyTorchCheckpoints;

namespace Importer.Export;

/// <summary>What stands beside the model in nanoGPT's checkpoint: the caller's, or the source's own, or the beginning of a training.</summary>
internal sealed class NanoGptBeside
{
    private readonly DictionaryValue? _config;

    private NanoGptBeside(CheckpointValue iterNum, CheckpointValue bestValLoss, DictionaryValue? config, DictionaryValue? optimizer)
    {
        IterNum = iterNum;
        BestValLoss = bestValLoss;
        _config = config;
        Optimizer = optimizer;
    }

    /// <summary>Steps that were trained.</summary>
    public CheckpointValue IterNum { get; }

    /// <summary>The best loss so far; a tensor, as train.py has it, which PyTorch 1's weights_only takes and a float not.</summary>
    public CheckpointValue BestValLoss { get; }

    /// <summary>The optimizer's state dict, or null.</summary>
    public DictionaryValue? Optimizer { get; }

    /// <summary>What a person should know.</summary>
    public IReadOnlyList<string> Notes => Optimizer is null
        ? ["No optimizer state is written: sample.py --init_from=resume reads the file, train.py --init_from=resume asks for one."]
        : [];

    /// <summary>Bytes of the tensors among it.</summary>
    public long ByteCount => Optimizer is null ? 0 : Bytes(Optimizer);

    /// <summary>Takes the caller's, or what the source has.</summary>
    public static NanoGptBeside Of(ExportSource source, NanoGptState? given)
    {
        if (given is null && source.NanoGpt is { } root)
        {
            var first = new NanoGptState();
            return new NanoGptBeside(
                root.TryGetValue("iter_num", out var step) && step is IntegerValue ? step : (long)first.IterNum,
                root.TryGetValue("best_val_loss", out var loss) && loss is PyTorchTensor { ElementCount: 1 } or FloatValue ? loss : Scalar(first.BestValLoss),
                root.TryGetValue("config", out var config) ? config as DictionaryValue : null,
                optimizer: null);
        }

        given ??= new NanoGptState();
        return new NanoGptBeside((long)given.IterNum, Scalar(given.BestValLoss), given.Config, given.Optimizer);
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

    private static long Bytes(CheckpointValue value) => value switch
    {
        PyTorchTensor tensor => tensor.ByteCount,
        DictionaryValue dictionary => dictionary.Sum(entry => Bytes(entry.Value)),
        SequenceValue sequence => sequence.Sum(Bytes),
        _ => 0,
    };
}
