using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CheckpointStorage;
using Importer.Export;
using Importer.Models;
using Importer.Training.NanoGpt;
using Importer.Training.Optimization;
using PyTorchCheckpoints;
using SafeTensorSharp;
using static TorchSharp.torch;

namespace Importer.Training.Checkpoints;

/// <summary>Writes a training checkpoint as Python's tools read it: for nanoGPT with all that its train.py resumes from.</summary>
public static class CheckpointExporter
{
    /// <summary>Exports a checkpoint.</summary>
    /// <param name="checkpoint">The checkpoint; every byte of it is verified first.</param>
    /// <param name="directory">The directory to make.</param>
    /// <param name="format">nanoGPT's ckpt.pt with its optimizer's state, or a directory as transformers writes it, which has none.</param>
    /// <param name="force">Whether an earlier export may be replaced.</param>
    /// <param name="cancellationToken">Stops within a block; nothing is left behind.</param>
    /// <exception cref="UnsupportedExportException">nanoGPT does not compute what the model does.</exception>
    /// <exception cref="ExportPlaceTakenException">The place is taken.</exception>
    /// <exception cref="CheckpointDamagedException">The checkpoint is damaged.</exception>
    /// <exception cref="CheckpointContentException">It is no checkpoint of a training run.</exception>
    public static async Task<ExportResult> ExportAsync(
        CheckpointInfo checkpoint, string directory, ExportFormat format, bool force = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentException.ThrowIfNullOrEmpty(directory);
        await WholeCheckpoint.RequireAsync(checkpoint.Directory, cancellationToken).ConfigureAwait(false);
        using var model = await PretrainedModel.FromPretrainedAsync(checkpoint.Directory, new() { Device = CPU }, cancellationToken).ConfigureAwait(false);
        if (format != ExportFormat.NanoGpt)
        {
            return await model.SavePretrainedAsync(directory, new ExportOptions { Format = format, Force = force }, cancellationToken).ConfigureAwait(false);
        }

        string path = checkpoint.GetPath(CheckpointNames.Trainer);
        var record = TrainerRecord.Parse(await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false), path);
        var options = TrainingOptions.FromJson((JsonObject)record.Options.DeepClone(), out _);
        var tensors = ReadOptimizer(checkpoint, cancellationToken);
        try
        {
            var groups = ParameterGroup.ByDimension(model.named_parameters(), options.WeightDecay);
            var decays = groups.SelectMany(group => group.Parameters.Select(parameter => (parameter.Name, group.WeightDecay))).ToDictionary(item => item.Name, item => item.WeightDecay);
            var state = new NanoGptState
            {
                IterNum = checked((int)record.State.Step),
                BestValLoss = (float)(record.State.BestLoss ?? 1e9),
                Config = (DictionaryValue)Convert(record.Options),
                Optimizer = NanoGptOptimizerState.ToStateDict(
                    tensors, [.. decays.Keys], name => decays[name], options, record.State.Schedule.At(Math.Max(0, record.State.Step - 1))),
            };
            return await model.SavePretrainedAsync(directory, new ExportOptions { Format = format, Force = force, NanoGpt = state }, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            foreach (var (_, tensor) in tensors)
            {
                tensor.Dispose();
            }
        }
    }

    private static List<NamedTensor> ReadOptimizer(CheckpointInfo checkpoint, CancellationToken cancellationToken)
    {
        using var file = SafeTensorFile.Open(checkpoint.GetPath(CheckpointNames.Optimizer));
        var tensors = new List<NamedTensor>();
        try
        {
            foreach (var info in file.Header.Tensors)
            {
                var dtype = info.DType switch { DType.I64 => ScalarType.Int64, DType.F64 => ScalarType.Float64, _ => ScalarType.Float32 };
                tensors.Add(new NamedTensor(info.Name, empty([.. info.Shape], dtype: dtype, device: CPU).DetachFromDisposeScope()));
            }

            TensorFile.Read(file, tensors, cancellationToken);
            return tensors;
        }
        catch
        {
            tensors.ForEach(item => item.Tensor.Dispose());
            throw;
        }
    }

    // The settings as Python's values: sample.py looks for dataset among them.
    private static CheckpointValue Convert(JsonNode? node) => node switch
    {
        JsonObject fields => Dictionary(fields),
        null => CheckpointValue.None,
        _ => node.GetValueKind() switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Number => long.TryParse(node.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) ? (CheckpointValue)whole : node.GetValue<double>(),
            _ => node.ToString(),
        },
    };

    private static DictionaryValue Dictionary(JsonObject fields)
    {
        var dictionary = new DictionaryValue();
        foreach (var (name, value) in fields)
        {
            dictionary.Add(name, Convert(value));
        }

        return dictionary;
    }
}
