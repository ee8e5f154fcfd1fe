using System.Diagnostics;
using HuggingFace.Hub.Client;
using Importer.Mapping;
using Importer.Sources;
using PyTorchCheckpoints;
using SafeTensorSharp;

namespace Importer.Export;

/// <summary>
/// The way back: a model goes out in the layout of Python's tools, derived from the tables by which it came in, run backwards. What was
/// imported comes out byte for byte.
/// </summary>
/// <example>
/// <code>
/// await WeightExporter.ExportAsync("weights/gpt2", "out-hf");                                            // from_pretrained("out-hf")
/// await WeightExporter.ExportAsync("weights/gpt2", "out", new() { Format = ExportFormat.NanoGpt });      // sample.py --out_dir=out
/// </code>
/// </example>
public static class WeightExporter
{
    /// <summary>What an export would do. Reads headers only and writes nothing; a model that is named by its id is fetched into the cache first.</summary>
    /// <param name="idOrPath">An imported directory, any other model directory, a weights file in one, or a model's id on the hub.</param>
    /// <param name="outputDirectory">The directory to make; null for the source's name with <c>-hf</c> or <c>-nanogpt</c>, in the current directory.</param>
    /// <param name="options">Layout, dtype and the rest; null for the defaults.</param>
    /// <param name="cancellationToken">Stops a download, which can be resumed.</param>
    /// <exception cref="UnsupportedExportException">The layout cannot express the model.</exception>
    /// <exception cref="PretrainedException">The model is missing, broken, or does not fit its configuration.</exception>
    /// <exception cref="SafeTensorException">A weights file is broken.</exception>
    /// <exception cref="CheckpointException">A checkpoint of PyTorch is broken or hostile.</exception>
    /// <exception cref="HubException">The hub does not give the model.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static async Task<ExportPreview> PlanAsync(
        string idOrPath, string? outputDirectory = null, ExportOptions? options = null, CancellationToken cancellationToken = default)
    {
        options = Check(idOrPath, outputDirectory, options);
        var located = await ModelLocator.LocateAsync(idOrPath, options.Hub, cancellationToken).ConfigureAwait(false);
        using var source = Open(located, options);
        return Job(source, outputDirectory, options).Preview();
    }

    /// <summary>
    /// What an export would do, as <see cref="PlanAsync"/> tells it, without downloading anything: of a model on the hub only the
    /// configuration and, by range requests, the headers are fetched.
    /// </summary>
    /// <param name="idOrPath">An imported directory, any other model directory, a weights file in one, or a model's id on the hub.</param>
    /// <param name="outputDirectory">The directory to make; null for the source's name with <c>-hf</c> or <c>-nanogpt</c>, in the current directory.</param>
    /// <param name="options">Layout, dtype and the rest; null for the defaults.</param>
    /// <param name="cancellationToken">Stops the requests.</param>
    /// <inheritdoc cref="PlanAsync"/>
    public static async Task<ExportPreview> PlanFromHeadersAsync(
        string idOrPath, string? outputDirectory = null, ExportOptions? options = null, CancellationToken cancellationToken = default)
    {
        options = Check(idOrPath, outputDirectory, options);
        if (await RemoteModel.TryOpenAsync(idOrPath, options.Hub, toImport: false, cancellationToken).ConfigureAwait(false) is not { } remote)
        {
            return await PlanAsync(idOrPath, outputDirectory, options, cancellationToken).ConfigureAwait(false);
        }

        using var source = Open(remote, options);
        return Job(source, outputDirectory, options).Preview();
    }

    /// <summary>What an export would have to download first; null for a model that is named by a path, and where only the cache can be asked.</summary>
    /// <param name="idOrPath">A model directory, a weights file in one, or a model's id on the hub.</param>
    /// <param name="options">How the hub is reached; null for the defaults.</param>
    /// <param name="cancellationToken">Stops the requests.</param>
    /// <exception cref="ModelNotFoundException">It is no path that exists, and cannot be an id.</exception>
    /// <exception cref="HubException">The hub does not know the model or cannot be reached.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static Task<HubDownloadPlan?> PlanDownloadAsync(string idOrPath, ExportOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(idOrPath);
        return ModelLocator.PlanAsync(idOrPath, options?.Hub, cancellationToken, toImport: false);
    }

    /// <summary>
    /// Exports a model to a directory, which appears whole or not at all. Tensors are read, converted and written in blocks; the model is
    /// never in memory.
    /// </summary>
    /// <param name="idOrPath">An imported directory, any other model directory, a weights file in one, or a model's id on the hub.</param>
    /// <param name="outputDirectory">The directory to make; null for the source's name with <c>-hf</c> or <c>-nanogpt</c>, in the current directory.</param>
    /// <param name="options">Layout, dtype and the rest; null for the defaults.</param>
    /// <param name="cancellationToken">Stops within a block; nothing is left behind.</param>
    /// <exception cref="ExportPlaceTakenException">The place is taken by something else.</exception>
    /// <exception cref="UnsupportedExportException">The layout cannot express the model.</exception>
    /// <exception cref="DTypeOverflowException">The dtype cannot hold some of the numbers.</exception>
    /// <exception cref="SourceChangedException">The source was written to during the export.</exception>
    /// <exception cref="DiskSpaceException">The disk has too little room.</exception>
    /// <exception cref="PretrainedException">The model is missing, broken, or does not fit its configuration.</exception>
    /// <exception cref="MappingException">The weights do not fit the configuration, or no mapping fits them.</exception>
    /// <exception cref="SafeTensorException">A weights file is broken.</exception>
    /// <exception cref="CheckpointException">A checkpoint of PyTorch is broken or hostile.</exception>
    /// <exception cref="HubException">The hub does not give the model.</exception>
    /// <exception cref="IOException">Something cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">Something may not be read or written.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static Task<ExportResult> ExportAsync(
        string idOrPath, string? outputDirectory = null, ExportOptions? options = null, CancellationToken cancellationToken = default)
    {
        options = Check(idOrPath, outputDirectory, options);
        return Task.Run(() => RunAsync(idOrPath, outputDirectory, options, cancellationToken), cancellationToken);
    }

    private static async Task<ExportResult> RunAsync(string idOrPath, string? outputDirectory, ExportOptions options, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var located = await ModelLocator.LocateAsync(idOrPath, options.Hub, cancellationToken).ConfigureAwait(false);
        var snapshot = SourceSnapshot.Take(located.Path);
        using var source = Open(located, options);
        return await Job(source, outputDirectory, options).RunAsync(watch, () => source.VerifyUnchanged(snapshot), cancellationToken).ConfigureAwait(false);
    }

    private static ExportSource Open(LocatedModel located, ExportOptions options) => Open(ModelDirectory.Open(located), options);

    private static ExportSource Open(ModelDirectory directory, ExportOptions options)
    {
        try
        {
            directory.UseMapping(options.MappingFile);
            return ExportSource.Of(directory);
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    private static ExportJob Job(ExportSource source, string? outputDirectory, ExportOptions options)
    {
        string suffix = options.Format == ExportFormat.NanoGpt ? "-nanogpt" : "-hf";
        return new ExportJob(ExportRecipe.For(source, options), ExportPlace.Of(outputDirectory ?? source.Name + suffix), options);
    }

    private static ExportOptions Check(string idOrPath, string? outputDirectory, ExportOptions? options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(idOrPath);
        if (outputDirectory is not null)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(outputDirectory);
        }

        options ??= new ExportOptions();
        options.Validate();
        return options;
    }
}
