using System.Diagnostics;
using HuggingFace.Hub.Client;
using Importer.IO;
using Importer.Loading;
using Importer.Mapping;
using Importer.Sources;
using Importer.Transfer;
using Microsoft.Extensions.Logging;
using SafeTensorSharp;

namespace Importer.Conversion;

/// <summary>
/// Turns a checkpoint into an imported directory: one safetensors file in Linear layout under the model's own names, the
/// configuration and tokenizer files as they are, and a manifest of everything that went in and out.
/// </summary>
public static partial class WeightImporter
{
    /// <summary>
    /// What an import would do. Reads headers only and writes nothing to the output directory; a model that is named by its
    /// id is fetched into the cache first.
    /// </summary>
    /// <param name="idOrPath">A model directory, a weights file in one, or a model's id on the hub.</param>
    /// <param name="outputDirectory">The directory in which the imported directory would be made.</param>
    /// <param name="options">Dtype and name; null for the defaults.</param>
    /// <param name="cancellationToken">Stops a download, which can be resumed.</param>
    /// <exception cref="PretrainedException">The checkpoint is missing, broken, or does not fit its configuration.</exception>
    /// <exception cref="SafeTensorException">A weights file is broken.</exception>
    /// <exception cref="HubException">The hub does not give the model.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static async Task<ImportPlan> PlanAsync(
        string idOrPath, string outputDirectory, ImportOptions? options = null, CancellationToken cancellationToken = default)
    {
        options = Check(idOrPath, outputDirectory, options);
        using var directory = ModelDirectory.Open(await ModelLocator.LocateAsync(idOrPath, options.Hub, cancellationToken, toImport: true).ConfigureAwait(false));
        return Plan(directory, outputDirectory, options);
    }

    /// <summary>
    /// What an import would do, as <see cref="PlanAsync"/> tells it, without downloading anything: of a model on the hub only the
    /// configuration and, by range requests, the headers are fetched.
    /// </summary>
    /// <param name="idOrPath">A model directory, a weights file in one, or a model's id on the hub.</param>
    /// <param name="outputDirectory">The directory in which the imported directory would be made.</param>
    /// <param name="options">Dtype and name; null for the defaults.</param>
    /// <param name="cancellationToken">Stops the requests.</param>
    /// <exception cref="PretrainedException">The checkpoint is missing, broken, or does not fit its configuration.</exception>
    /// <exception cref="SafeTensorException">A header is broken.</exception>
    /// <exception cref="HubException">The hub does not give the model.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static async Task<ImportPlan> PlanFromHeadersAsync(
        string idOrPath, string outputDirectory, ImportOptions? options = null, CancellationToken cancellationToken = default)
    {
        options = Check(idOrPath, outputDirectory, options);
        using var remote = await RemoteModel.TryOpenAsync(idOrPath, options.Hub, toImport: true, cancellationToken).ConfigureAwait(false);
        return remote is null
            ? await PlanAsync(idOrPath, outputDirectory, options, cancellationToken).ConfigureAwait(false)
            : Plan(remote, outputDirectory, options);
    }

    /// <summary>
    /// Says where one tensor of a checkpoint goes, or one parameter comes from, and why. Reads headers only; of a model on the hub just
    /// these are fetched.
    /// </summary>
    /// <param name="idOrPath">A model directory, a weights file in one, or a model's id on the hub.</param>
    /// <param name="name">A key of the checkpoint, or the name of a parameter.</param>
    /// <param name="options">The mapping and how the hub is reached; null for the defaults.</param>
    /// <param name="cancellationToken">Stops a download, which can be resumed.</param>
    /// <exception cref="PretrainedException">The checkpoint is missing or broken, or no mapping fits it.</exception>
    /// <exception cref="SafeTensorException">A weights file is broken.</exception>
    /// <exception cref="HubException">The hub does not give the model.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static async Task<TensorExplanation> ExplainAsync(
        string idOrPath, string name, ImportOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(idOrPath);
        ArgumentException.ThrowIfNullOrEmpty(name);
        using var directory = await RemoteModel.TryOpenAsync(idOrPath, options?.Hub, toImport: false, cancellationToken).ConfigureAwait(false)
            ?? ModelDirectory.Open(await ModelLocator.LocateAsync(idOrPath, options?.Hub, cancellationToken).ConfigureAwait(false));
        directory.UseMapping(options?.MappingFile);
        return directory.FindMapping().Explain(ModelConfigValues.From(directory.Config, directory.ConfigPath), directory.Weights.Tensors, name);
    }

    /// <summary>What an import would have to download first; null for a model that is named by a path, and where only the cache can be asked.</summary>
    /// <param name="idOrPath">A model directory, a weights file in one, or a model's id on the hub.</param>
    /// <param name="options">How the hub is reached; null for the defaults.</param>
    /// <param name="cancellationToken">Stops the requests.</param>
    /// <exception cref="ModelNotFoundException">It is no path that exists, and cannot be an id.</exception>
    /// <exception cref="HubException">The hub does not know the model or cannot be reached.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static Task<HubDownloadPlan?> PlanDownloadAsync(string idOrPath, ImportOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(idOrPath);
        return ModelLocator.PlanAsync(idOrPath, options?.Hub, cancellationToken);
    }

    /// <summary>
    /// Imports a checkpoint to <c>outputDirectory/NAME</c>, which appears whole or not at all. Where that is there
    /// already it is checked against its manifest first: nothing is done if it is intact and from the same source, it is
    /// made anew if files are damaged, and it is left alone if it differs.
    /// </summary>
    /// <param name="idOrPath">A model directory, a weights file in one, or a model's id on the hub.</param>
    /// <param name="outputDirectory">The directory in which the imported directory is made; made itself if need be.</param>
    /// <param name="options">Dtype, name and the rest; null for the defaults.</param>
    /// <param name="cancellationToken">Stops within a block; nothing is left behind.</param>
    /// <exception cref="ImportDiffersException">The place is taken by something else.</exception>
    /// <exception cref="SourceChangedException">The source was written to during the import.</exception>
    /// <exception cref="DiskSpaceException">The disk has too little room.</exception>
    /// <exception cref="PretrainedException">The checkpoint is missing, broken, or does not fit its configuration.</exception>
    /// <exception cref="HubException">The hub does not give the model.</exception>
    /// <exception cref="SafeTensorException">A weights file is broken.</exception>
    /// <exception cref="IOException">Something cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">Something may not be read or written.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static Task<ImportResult> ImportAsync(
        string idOrPath, string outputDirectory, ImportOptions? options = null, CancellationToken cancellationToken = default)
    {
        options = Check(idOrPath, outputDirectory, options);
        return Task.Run(() => RunAsync(idOrPath, outputDirectory, options, cancellationToken), cancellationToken);
    }

    private static async Task<ImportResult> RunAsync(
        string idOrPath, string outputDirectory, ImportOptions options, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var located = await ModelLocator.LocateAsync(idOrPath, options.Hub, cancellationToken, toImport: true).ConfigureAwait(false);
        var snapshot = SourceSnapshot.Take(located.Path);
        using var directory = ModelDirectory.Open(located);
        var plan = Prepare(directory, options);
        TiedWeights.Verify(plan, directory.Weights, null, cancellationToken);
        if (options.VerifyDropped)
        {
            RegenerableTensors.Verify(plan, directory.Weights, cancellationToken);
        }

        string place = TargetOf(directory, outputDirectory, options), target = ThroughLink(place);

        // Looked at before the lock is taken, which writes: a finished import is up to date on a read-only disk too.
        var inspector = new ExistingImportInspector(target, directory, plan, options);
        var seen = inspector.Fingerprint();
        var existing = inspector.Inspect(cancellationToken);
        RefuseTaken(place, existing, options);
        var staging = new StagedDirectoryOptions
        {
            IsOwn = ImportedNames.Contains,
            Waiting = () => options.Progress?.Report(new ImportProgress(ImportPhase.Waiting, 0, 0)),
        };
        if (existing.State == ExistingImportState.Intact)
        {
            StagedDirectory.TryClear(target, staging);
            return UpToDate();
        }

        using var staged = await StagedDirectory.CreateAsync(target, staging, cancellationToken).ConfigureAwait(false);
        if (!inspector.Fingerprint().SequenceEqual(seen))
        {
            existing = inspector.Inspect(cancellationToken);
            RefuseTaken(place, existing, options);
            if (existing.State == ExistingImportState.Intact)
            {
                return UpToDate();
            }
        }

        var manifest = new ImportWriter(directory, plan, options, staged.Path, place).Write(existing.SourceFiles, cancellationToken);
        snapshot.Verify(directory);
        cancellationToken.ThrowIfCancellationRequested();
        string[] kept = staged.Publish() is { } old ? [$"files were put there during the import; they are kept in {old}"] : [];
        var outcome = existing.State switch
        {
            ExistingImportState.Absent => ImportOutcome.Imported,
            ExistingImportState.Damaged => ImportOutcome.Repaired,
            _ => ImportOutcome.Replaced,
        };
        return Logged(new ImportResult(outcome, place, manifest, plan, [.. existing.Findings, .. kept, .. plan.Warnings], watch.Elapsed));

        ImportResult UpToDate() => Logged(new(ImportOutcome.UpToDate, place, existing.Manifest!, plan, plan.Warnings, watch.Elapsed));

        ImportResult Logged(ImportResult result)
        {
            if (options.Logger is { } logger)
            {
                foreach (string note in result.Notes)
                {
                    LogNote(logger, directory.Path, note);
                }

                LogResult(logger, result.Directory, result.Outcome, result.Elapsed.TotalSeconds);
            }

            return result;
        }
    }

    private static void RefuseTaken(string place, ExistingImport existing, ImportOptions options)
    {
        if (existing.State == ExistingImportState.Different && !options.Force)
        {
            throw new ImportDiffersException(
                place, existing.Findings, "It was left as it is. Use --force to replace it, or --name or --out to import beside it.");
        }

        if (existing.State == ExistingImportState.Foreign)
        {
            throw new ImportDiffersException(
                place, existing.Findings, "It was left as it is. Use --name or --out to import elsewhere, or move away what is there yourself.");
        }
    }

    // The directory that a link points to is what is checked and replaced; the link stays.
    private static string ThroughLink(string place)
    {
        if (new DirectoryInfo(place).LinkTarget is null || Directory.ResolveLinkTarget(place, returnFinalTarget: true) is not { } end)
        {
            return place;
        }

        return FileFacts.Of(end.FullName).Kind != FileKind.Missing
            ? end.FullName
            : throw new ImportDiffersException(
                place, [$"it is a symbolic link to {end.FullName}, where there is nothing"], "Remove the link, or make the directory it points to.");
    }

    private static ImportOptions Check(string idOrPath, string outputDirectory, ImportOptions? options)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(idOrPath);
        ArgumentException.ThrowIfNullOrWhiteSpace(outputDirectory);
        options ??= new ImportOptions();
        options.Validate();
        return options;
    }

    private static ImportPlan Plan(ModelDirectory directory, string outputDirectory, ImportOptions options)
    {
        var plan = Prepare(directory, options);
        return new ImportPlan(
            directory.Path, directory.Weights.Files, TargetOf(directory, outputDirectory, options), directory.Weights.HeaderBytes, plan);
    }

    private static LoadPlan Prepare(ModelDirectory directory, ImportOptions options)
    {
        if (directory.IsImported)
        {
            throw new UnsupportedCheckpointException(
                directory.Path, "it is an imported directory already", "Load it as it is, or import from the original.");
        }

        directory.UseMapping(options.MappingFile);

        // What cannot be computed is not imported either: better now than at the first load.
        var plan = directory.Plan(options.DType);
        ModelLoader.ReadConfig(directory);
        return plan;
    }

    private static string TargetOf(ModelDirectory directory, string outputDirectory, ImportOptions options) =>
        Path.Combine(Path.GetFullPath(outputDirectory), options.Name ?? directory.Name);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Source}: {Note}")]
    private static partial void LogNote(ILogger logger, string source, string note);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Outcome} {Directory} in {Seconds:0.00} s")]
    private static partial void LogResult(ILogger logger, string directory, ImportOutcome outcome, double seconds);
}
