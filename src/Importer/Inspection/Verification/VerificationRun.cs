using System.Globalization;
using Importer.Conversion;
using Importer.Inspection.Statistics;
using Importer.IO;
using Importer.Mapping;
using Importer.Sources;
using Importer.Transfer;
using SafeTensorSharp;

namespace Importer.Inspection.Verification;

/// <summary>One verification, step by step; each step goes on where an earlier one found something, as far as it makes sense.</summary>
internal sealed class VerificationRun
{
    private readonly string _directory;
    private readonly string? _file;
    private readonly VerificationOptions _options;
    private readonly List<VerificationProblem> _problems = [];
    private readonly List<string> _notes = [];
    private readonly HashSet<string> _files = new(StringComparer.Ordinal);
    private HashSet<string> _intact = [];
    private long _bytesHashed;
    private int _tensors;

    public VerificationRun(string path, VerificationOptions options)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        bool isFile = FileFacts.Of(full).Kind == FileKind.File;
        _directory = isFile ? Path.GetDirectoryName(full)! : full;
        _file = isFile && Path.GetFileName(full) is not ModelDirectory.ConfigName and var name ? name : null;
        _options = options;
    }

    public CheckpointVerification Run(CancellationToken cancellationToken)
    {
        // A broken table of the user's own is no fault of the checkpoint.
        if (_options.MappingFile is { } table)
        {
            _ = WeightMapping.Load(table);
        }

        var kind = VerifyHashes(cancellationToken);
        string[] weights = _file is not null ? [_file] : [.. ModelDirectory.WeightNames.Where(IsFile)];
        if (weights.Length == 0)
        {
            Report(VerificationProblemKind.Missing, null, $"there are no weights: none of {string.Join(", ", ModelDirectory.WeightNames)} is there");
        }

        var containers = new ContainerVerifier(_directory, Report, _notes.Add, _options.Progress);
        containers.Verify(weights, _intact, _files, cancellationToken);
        _bytesHashed += containers.BytesHashed;
        VerifyConfig(weights);
        if (_problems.Count == 0 && weights.Length > 0)
        {
            Try(null, () => VerifyModel(cancellationToken));
        }

        return new CheckpointVerification
        {
            Directory = _directory,
            Kind = kind,
            Files = _files.Count,
            BytesHashed = _bytesHashed,
            Tensors = _tensors,
            Problems = _problems,
            Notes = _notes,
        };
    }

    private bool IsFile(string name) => FileFacts.TryOf(Path.Combine(_directory, name)).Kind == FileKind.File;

    private void Report(VerificationProblemKind kind, string? file, string message) => _problems.Add(new VerificationProblem(kind, file, message));

    private VerifiedKind VerifyHashes(CancellationToken cancellationToken)
    {
        List<HashedFile> promised = [];
        var kind = VerifiedKind.Checkpoint;
        if (IsFile(ImportManifest.FileName) || IsImportWithoutManifest())
        {
            kind = VerifiedKind.Import;
            promised.AddRange(ReadManifest());
        }
        else if (SnapshotFiles() is { Count: > 0 } blobs)
        {
            kind = VerifiedKind.Snapshot;
            promised.AddRange(blobs);
        }

        var verifier = new ContentVerifier(_directory, Report);
        Try(null, () => _intact = verifier.Verify(promised, _options.Progress, cancellationToken));
        _bytesHashed = verifier.BytesHashed;
        _files.UnionWith(promised.Select(file => file.Name));
        return kind;
    }

    // What an import writes into its weights outlives its manifest.
    private bool IsImportWithoutManifest()
    {
        try
        {
            return IsFile(ImportedNames.Weights) &&
                SafeTensorHeader.Identify(Path.Combine(_directory, ImportedNames.Weights)).Metadata.ContainsKey(ModelDirectory.LayoutKey);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private IEnumerable<HashedFile> ReadManifest()
    {
        ManifestReading reading = new(ManifestState.Missing);
        Try(ImportManifest.FileName, () => reading = ManifestReader.Read(Path.Combine(_directory, ImportManifest.FileName)));
        switch (reading.State)
        {
            case ManifestState.Missing:
                Report(VerificationProblemKind.Missing, ImportManifest.FileName, "the weights are those of an import, and its manifest is missing");
                return [];
            case ManifestState.Damaged:
                Report(VerificationProblemKind.Format, ImportManifest.FileName, $"the manifest is damaged: {DisplayText.Escape(reading.Problem)}");
                return [];
            case ManifestState.Newer:
                Report(VerificationProblemKind.Format, ImportManifest.FileName, $"a newer version wrote the manifest ({DisplayText.Escape(reading.Problem)}), which this one cannot check");
                return [];
        }

        var manifest = reading.Manifest!;
        _files.Add(ImportManifest.FileName);
        var listed = manifest.Files.Select(file => file.Name).Append(ImportManifest.FileName).ToHashSet(StringComparer.Ordinal);
        foreach (string name in Directory.EnumerateFileSystemEntries(_directory).Select(path => Path.GetFileName(path)).Where(name => !listed.Contains(name)).Order(StringComparer.Ordinal))
        {
            _notes.Add($"{DisplayText.Escape(name)} is in no manifest; no import made it.");
        }

        return manifest.Files.Select(file => new HashedFile(file.Name, file.Size, file.Sha256, "the manifest"));
    }

    // In the hub's cache a snapshot's files are links to blobs, which are named by their hashes.
    private List<HashedFile> SnapshotFiles()
    {
        List<HashedFile> files = [];
        foreach (string path in Directory.EnumerateFileSystemEntries(_directory).Order(StringComparer.Ordinal))
        {
            string name = Path.GetFileName(path);
            if (new FileInfo(path).LinkTarget is { } target && Path.GetFileName(Path.GetDirectoryName(target)) == "blobs"
                && Path.GetFileName(target) is { Length: 40 or 64 } hash && hash.All(char.IsAsciiHexDigitLower)
                && (_file is null || _file == name || name == ModelDirectory.ConfigName))
            {
                files.Add(new HashedFile(name, null, hash, "the name of its blob"));
            }
        }

        return files;
    }

    private void VerifyConfig(string[] weights)
    {
        if (!IsFile(ModelDirectory.ConfigName))
        {
            if (!weights.Any(name => Path.GetExtension(name) == ".pt"))
            {
                Report(VerificationProblemKind.Missing, ModelDirectory.ConfigName, "there is no configuration, so nothing tells what model the weights are");
            }

            return;
        }

        _files.Add(ModelDirectory.ConfigName);
        Try(ModelDirectory.ConfigName, () => ConfigFile.Load(Path.Combine(_directory, ModelDirectory.ConfigName)).Dispose());
    }

    private void VerifyModel(CancellationToken cancellationToken)
    {
        using var model = ModelDirectory.Open(new LocatedModel(_file is null ? _directory : Path.Combine(_directory, _file), null, null), needsConfig: false);
        model.UseMapping(_options.MappingFile);
        _tensors = model.Weights.Tensors.Count;
        var fit = MappingFit.Of(model);
        foreach (string problem in fit.Problems)
        {
            Report(VerificationProblemKind.Mismatch, null, problem);
        }

        if (fit.Plan is { } plan)
        {
            foreach (string warning in plan.Warnings)
            {
                _notes.Add(warning);
            }

            Try(null, () => TiedWeights.Verify(plan, model.Weights, null, cancellationToken));
            if (_options.Values)
            {
                Try(null, () => RegenerableTensors.Verify(plan, model.Weights, cancellationToken));
            }
        }

        if (_options.Values)
        {
            VerifyValues(model.Weights, cancellationToken);
        }
    }

    private void VerifyValues(TensorSource weights, CancellationToken cancellationToken)
    {
        long total = TensorMeasurer.BytesToRead(weights, bins: 0), done = 0;
        var measurer = new TensorMeasurer(weights, 0, bytes => _options.Progress?.Report(
            new InspectionProgress(InspectionPhase.Measuring, Interlocked.Add(ref done, bytes), total)));
        var measured = measurer.MeasureAll(cancellationToken);
        for (int i = 0; i < measured.Length; i++)
        {
            if (measured[i].Error is { } error)
            {
                VerificationErrors.Tell(VerificationErrors.Kind(error)!.Value, weights.Tensors[i].File, error, Report);
            }
            else if (measured[i].Statistics is { } s && s.Finite < s.Count)
            {
                Report(
                    VerificationProblemKind.Values, weights.Tensors[i].File, string.Create(
                        CultureInfo.InvariantCulture,
                        $"{NameText.Quote(weights.Tensors[i].Name)} has {s.NaNs:N0} NaN and {s.PositiveInfinities + s.NegativeInfinities:N0} infinite of {s.Count:N0} values"));
            }
        }
    }

    private void Try(string? file, Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (VerificationErrors.Kind(e) is { } kind)
        {
            VerificationErrors.Tell(kind, file, e, Report);
        }
    }
}
