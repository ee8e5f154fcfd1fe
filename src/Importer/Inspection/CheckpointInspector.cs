using HuggingFace.Hub.Client;
using Importer.Inspection.Statistics;
using Importer.Sources;
using SafeTensorSharp;

namespace Importer.Inspection;

/// <summary>Looks at a checkpoint of any format that is read: headers only, unless statistics are asked for.</summary>
/// <example>
/// <code>
/// CheckpointInspection gpt2 = await CheckpointInspector.InspectAsync("openai-community/gpt2"); // some 20 kB are fetched
/// Console.WriteLine($"{gpt2.ModelClass}, {gpt2.Parameters:N0} parameters");
/// </code>
/// </example>
public static class CheckpointInspector
{
    /// <summary>Looks at a checkpoint. What keeps it from being loaded is told in the result and not thrown.</summary>
    /// <param name="idOrPath">A directory, a weights file with or without a configuration beside it, or a model's id on the hub.</param>
    /// <param name="options">Statistics and the rest; null for the defaults.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <exception cref="PretrainedException">The checkpoint is missing, or its configuration is broken.</exception>
    /// <exception cref="SafeTensorException">A header is broken.</exception>
    /// <exception cref="PyTorchCheckpoints.CheckpointException">A checkpoint of PyTorch is broken or hostile.</exception>
    /// <exception cref="HubException">The hub does not give it.</exception>
    /// <exception cref="IOException">Something cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Something may not be read.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static async Task<CheckpointInspection> InspectAsync(
        string idOrPath, InspectionOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(idOrPath);
        options ??= new InspectionOptions();
        options.Validate();
        using var directory = await OpenAsync(idOrPath, options, cancellationToken).ConfigureAwait(false);
        return await Task.Run(() => Inspect(directory, idOrPath, options, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private static async Task<ModelDirectory> OpenAsync(string idOrPath, InspectionOptions options, CancellationToken cancellationToken)
    {
        if (!options.Statistics &&
            await RemoteModel.TryOpenAsync(idOrPath, options.Hub, toImport: false, cancellationToken).ConfigureAwait(false) is { } remote)
        {
            return remote;
        }

        var located = await ModelLocator.LocateAsync(idOrPath, options.Hub, cancellationToken).ConfigureAwait(false);
        return ModelDirectory.Open(located, needsConfig: false);
    }

    private static CheckpointInspection Inspect(ModelDirectory directory, string idOrPath, InspectionOptions options, CancellationToken cancellationToken)
    {
        directory.UseMapping(options.MappingFile);
        var fit = MappingFit.Of(directory);
        var measured = options.Statistics ? Measure(directory.Weights, options, cancellationToken) : null;
        var fates = new TensorFates(fit);
        InspectedTensor[] tensors =
        [
            .. directory.Weights.Tensors.Select((tensor, i) => fates.Describe(tensor) with { Statistics = measured?[i].Statistics, Problem = measured?[i].Problem }),
        ];
        return new CheckpointInspection
        {
            Source = SourceName.Of(directory, idOrPath),
            Commit = directory.Commit,
            Container = PyTorchSource.TakesName(directory.Weights.Files[0]) ? "pytorch" : "safetensors",
            Files = [.. directory.Weights.Files.Select(name => new InspectedFile(name, directory.SizeOf(name)))],
            HeaderBytes = directory.Weights.HeaderBytes,
            Metadata = new Dictionary<string, string>(directory.Weights.Metadata),
            Config = directory.HasConfig ? directory.Config.Clone() : null,
            ConfigSource = directory.HasConfig ? Path.GetFileName(directory.ConfigPath) : null,
            ModelClass = fit.ModelClass,
            Mapping = fit.Mapping,
            Plan = fit.Plan,
            Tensors = tensors,
            DTypes = [.. Group(tensors, tensor => DTypes.Name(tensor.Tensor.DType)).OrderByDescending(group => group.Bytes)],
            Layers = [.. Group(tensors, tensor => tensor.Layer).Order(Comparer<TensorGroup>.Create((a, b) => LayerNames.Compare(a.Name, b.Name)))],
            Parameters = fit.Plan?.Totals.Parameters ?? Distinct(tensors).Sum(tensor => tensor.Elements),
            Bytes = Distinct(tensors).Sum(tensor => tensor.Tensor.ByteCount),
            Problems = fit.Problems,
            Warnings = fit.Plan?.Warnings ?? [],
        };
    }

    private static MeasuredTensor[] Measure(TensorSource weights, InspectionOptions options, CancellationToken cancellationToken)
    {
        long total = TensorMeasurer.BytesToRead(weights, options.HistogramBins), done = 0;
        return new TensorMeasurer(
            weights,
            options.HistogramBins,
            bytes => options.Progress?.Report(new InspectionProgress(InspectionPhase.Measuring, Interlocked.Add(ref done, bytes), total)))
            .MeasureAll(cancellationToken);
    }

    private static IEnumerable<TensorGroup> Group(IReadOnlyList<InspectedTensor> tensors, Func<InspectedTensor, string> key)
    {
        // What two tensors share belongs to the group of the first, so that groups add up to the whole.
        var first = Distinct(tensors).ToHashSet(ReferenceEqualityComparer.Instance);
        return tensors.GroupBy(key, StringComparer.Ordinal).Select(group => new TensorGroup(
            group.Key,
            group.Count(),
            group.Where(first.Contains).Sum(tensor => tensor.Elements),
            group.Where(first.Contains).Sum(tensor => tensor.Tensor.ByteCount)));
    }

    // Tied tensors of a pickle are the same bytes under two names. Empty ones are at the same place as what follows them.
    private static IEnumerable<InspectedTensor> Distinct(IEnumerable<InspectedTensor> tensors) =>
        tensors.DistinctBy(tensor => (tensor.Tensor.File, tensor.Tensor.Offset, tensor.Tensor.ByteCount));
}
