using System.Text.Json.Nodes;
using PyTorchCheckpoints;

namespace Importer.Training.NanoGpt;

/// <summary>
/// What nanoGPT's train.py saves as ckpt.pt, beside the weights: how far it came, its settings and its optimizer's state. The
/// weights themselves are loaded as any model's, from the same file.
/// </summary>
public sealed class NanoGptCheckpoint : IDisposable
{
    private const string Remedy = "Take a ckpt.pt that nanoGPT's train.py has written; to begin with its weights alone, name it in init_from.";

    private readonly PyTorchCheckpoint _file;
    private readonly OptimizerState? _optimizer;

    private NanoGptCheckpoint(string path, PyTorchCheckpoint file)
    {
        Path = path;
        _file = file;
        var problems = new List<string>();
        Step = Number("iter_num", problems) is { } step and >= 0 && step < 1L << 53 && step == Math.Floor(step) ? (long)step : Wrong("iter_num", problems);
        BestLoss = Number("best_val_loss", problems) is { } loss && double.IsFinite(loss) && loss < 1e9 ? loss : null;
        Config = file.Header.TryFind("config", out var config) && config is DictionaryValue ? config.ToJson() as JsonObject : null;
        if (file.Header.TryFind("optimizer", out var optimizer) && !OptimizerState.TryRead(optimizer, out _optimizer))
        {
            problems.Add("its optimizer is no optimizer's state dict");
        }

        if (problems.Count > 0)
        {
            throw new NanoGptCheckpointException(path, problems, Remedy);
        }
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Updates that were made: <c>iter_num</c>.</summary>
    public long Step { get; }

    /// <summary>The best validation loss, as nanoGPT keeps it; null where it has none yet (it begins with 1e9).</summary>
    public double? BestLoss { get; }

    /// <summary>train.py's settings; null where there are none.</summary>
    public JsonObject? Config { get; }

    /// <summary>Whether there is an optimizer's state; a checkpoint without one is continued with fresh moments.</summary>
    public bool HasOptimizer => _optimizer is not null;

    /// <summary>Opens a checkpoint.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="NanoGptCheckpointException">It is a checkpoint, but not one of train.py's.</exception>
    /// <exception cref="CheckpointException">It is broken or hostile.</exception>
    public static NanoGptCheckpoint Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = PyTorchCheckpoint.Open(path);
        try
        {
            return new NanoGptCheckpoint(path, file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Puts a trainer, whose model has the checkpoint's weights, where nanoGPT was: moments, step and best loss. A position
    /// table that was cropped takes the first rows of its moments, which nanoGPT itself fails to do.
    /// </summary>
    /// <param name="trainer">The trainer, with a <see cref="Models.Gpt.GptModel"/>.</param>
    /// <exception cref="NanoGptCheckpointException">The optimizer's state does not fit the model; nothing has changed.</exception>
    /// <exception cref="CheckpointException">The file is damaged; the moments may be partly written.</exception>
    /// <remarks>
    /// nanoGPT keeps neither generators nor a place in the data: the run sees other batches than it would have without the
    /// interruption, as nanoGPT's does. Windows and tokens are counted as if all updates had been of the options' size.
    /// </remarks>
    public void Resume(Trainer trainer)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        if (_optimizer is not null)
        {
            new OptimizerStateReader(_file, _optimizer, Path).Read(trainer);
        }

        long samples = Step * trainer.Options.BatchSize * trainer.Options.GradientAccumulationSteps;
        trainer.Restore(trainer.Capture() with
        {
            Step = Step,
            SamplesSeen = samples,
            TokensSeen = samples * trainer.Model.Config.BlockSize,
            BestLoss = BestLoss,
            BestStep = null,
            RandomState = [],
        });
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    private double? Number(string key, List<string> problems)
    {
        if (!_file.Header.TryFind(key, out var value))
        {
            problems.Add($"it has no {key}");
            return null;
        }

        return Scalars.Read(_file, value) ?? Wrong(key, problems);
    }

    private static long Wrong(string key, List<string> problems)
    {
        if (!problems.Exists(problem => problem.Contains(key, StringComparison.Ordinal)))
        {
            problems.Add($"its {key} is no number that it can be");
        }

        return 0;
    }
}
