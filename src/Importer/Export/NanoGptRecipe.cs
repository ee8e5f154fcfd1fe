using System.Text.Json.Nodes;
using Importer.Conversion;
using Importer.IO;
using Importer.Mapping;
using Importer.Models.Gpt;
using Importer.Transfer;
using PyTorchCheckpoints;
using SafeTensorSharp;

namespace Importer.Export;

/// <summary>nanoGPT's <c>ckpt.pt</c>, as its train.py saves it.</summary>
internal sealed class NanoGptRecipe : ExportRecipe
{
    /// <summary>The table of nanoGPT's keys.</summary>
    public const string Family = "gpt2-nanogpt";

    private readonly GptConfig _config;
    private readonly NanoGptBeside _beside;

    private NanoGptRecipe(ExportSource source, ExportOptions options, GptConfig config, NanoGptBeside beside)
        : base(source, options)
    {
        _config = config;
        _beside = beside;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> FileNames => [ExportedNames.Checkpoint, .. Characters.Select(path => Path.GetFileName(path))];

    /// <inheritdoc/>
    public override long TensorBytes => Plan.BytesToWrite + _beside.ByteCount;

    /// <inheritdoc/>
    public override long BytesToWrite => TensorBytes + Characters.Sum(RegularFile.Length);

    // For this library; nanoGPT itself looks for them in its data directory.
    private IEnumerable<string> Characters => Source.Companions.Where(path => ExportedNames.IsCharacters(Path.GetFileName(path)));

    /// <summary>Plans the export.</summary>
    /// <exception cref="UnsupportedExportException">nanoGPT's model.py computes something else than the model.</exception>
    public static NanoGptRecipe Of(ExportSource source, ExportOptions options)
    {
        GptConfig config = NanoGptLimits.Require(source);
        if (source.Family is not (null or Family))
        {
            // transformers' dropouts are its defaults, as a rule, and nanoGPT's from_pretrained takes none of them.
            config = config.WithDropout(0);
        }

        var beside = NanoGptBeside.Of(source, options);
        ExportPlan plan = PlanBy(Family, Arguments(config), source.Parameters, options, "transformer.");
        return new NanoGptRecipe(source, options, config, beside)
        {
            Plan = plan,
            Notes = [.. NanoGptLimits.Notes(config), .. beside.Notes, .. plan.Warnings],
        };
    }

    /// <inheritdoc/>
    public override void Write(string directory, RowStream rows, Action<long> progress, CancellationToken cancellationToken)
    {
        foreach (string path in Characters)
        {
            FlushedFile.Copy(path, Path.Combine(directory, Path.GetFileName(path)), cancellationToken);
        }

        PyTorchWriter.Write(
            Path.Combine(directory, ExportedNames.Checkpoint),
            Root(rows, cancellationToken),
            progress: new ProgressRelay<CheckpointProgress>(written => progress(written.BytesWritten)),
            cancellationToken: cancellationToken);
    }

    private DictionaryValue Root(RowStream rows, CancellationToken cancellationToken)
    {
        var tensors = Plan.Rows.ToDictionary(row => row.Target, row => PyTorchTensor.FromWriter(
            ToTorch(row.DType), row.Shape, output => rows.Write(row, output, cancellationToken)));
        foreach (var mask in Plan.Generated)
        {
            tensors.Add(mask.Name, PyTorchTensor.FromWriter(
                ToTorch(mask.DType), mask.Shape, output => RegenerableTensors.Write(mask, output, cancellationToken)));
        }

        // One tensor under two names, as nanoGPT has it: they share their bytes in the file.
        tensors.Add("lm_head.weight", tensors["transformer.wte.weight"]);
        var arguments = NanoGptBeside.Shape(_config);
        arguments.Add("vocab_size", (long)_config.VocabSize);
        var root = new DictionaryValue { { "model", PyTorchWriter.StateDict(tensors) } };
        if (_beside.Optimizer is { } optimizer)
        {
            root.Add("optimizer", optimizer);
        }

        root.Add("model_args", arguments);
        root.Add("iter_num", _beside.IterNum);
        root.Add("best_val_loss", _beside.BestValLoss);
        root.Add("config", _beside.Config(_config, ImportWriter.Tool));
        return root;
    }

    private static JsonObject Arguments(GptConfig config) => new()
    {
        ["n_layer"] = config.LayerCount,
        ["n_head"] = config.HeadCount,
        ["n_embd"] = config.EmbeddingSize,
        ["block_size"] = config.BlockSize,
        ["bias"] = config.Bias,
        ["vocab_size"] = config.VocabSize,
    };

    private static TorchDType ToTorch(DType dtype) => dtype switch
    {
        DType.F16 => TorchDType.Float16,
        DType.BF16 => TorchDType.BFloat16,
        DType.F64 => TorchDType.Float64,
        _ => TorchDType.Float32,
    };
}
