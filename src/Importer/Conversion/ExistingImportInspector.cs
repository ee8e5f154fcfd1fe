using Importer.IO;
using Importer.Mapping;
using Importer.Sources;
using SafeTensorSharp;

namespace Importer.Conversion;

/// <summary>Compares what stands at the place of an import with what would be put there. Writes nothing.</summary>
internal sealed class ExistingImportInspector
{
    private const int NamesShown = 3;

    private readonly string _target;
    private readonly ModelDirectory _directory;
    private readonly LoadPlan _plan;
    private readonly ImportOptions _options;

    public ExistingImportInspector(string target, ModelDirectory directory, LoadPlan plan, ImportOptions options)
    {
        _target = target;
        _directory = directory;
        _plan = plan;
        _options = options;
    }

    /// <summary>What of the target would have to stay the same for an earlier inspection to hold.</summary>
    public IReadOnlyList<(string Name, FileFacts Facts)> Fingerprint() => FileFacts.Of(_target) switch
    {
        { Kind: FileKind.Missing } => [],
        { Kind: FileKind.Directory } =>
        [
            .. Directory.EnumerateFileSystemEntries(_target).Select(path => (Path.GetFileName(path), FileFacts.TryOf(path)))
                .OrderBy(entry => entry.Item1, StringComparer.Ordinal),
        ],
        var other => [(".", other)],
    };

    /// <summary>Inspects, hashing only where sizes and settings leave it open.</summary>
    public ExistingImport Inspect(CancellationToken cancellationToken)
    {
        var entries = Fingerprint();
        if (entries is [(".", _)])
        {
            return new ExistingImport { State = ExistingImportState.Foreign, Findings = ["it is a file"] };
        }

        if (entries.Count == 0)
        {
            return new ExistingImport { State = ExistingImportState.Absent };
        }

        var found = InspectEntries(cancellationToken);
        string[] others = [.. entries.Where(entry => !ImportedNames.Contains(entry.Name) || entry.Facts.Kind is not (FileKind.File or FileKind.Missing)).Select(entry => entry.Name)];

        // Whatever is done, the directory is made anew: what somebody else put there would be lost.
        return others.Length > 0 && found.State is ExistingImportState.Different or ExistingImportState.Damaged
            ? found with { State = ExistingImportState.Foreign, Findings = [.. found.Findings, $"it also holds {Some(others)}, which no import made"] }
            : found;
    }

    private ExistingImport InspectEntries(CancellationToken cancellationToken)
    {
        var reading = ManifestReader.Read(Path.Combine(_target, ImportManifest.FileName));
        switch (reading.State)
        {
            case ManifestState.Newer:
                return Different($"it was made by a newer version of import-weights ({reading.Problem}), which this one cannot check");
            case ManifestState.Damaged when IsOurs():
                return Different($"its {ImportManifest.FileName} is damaged: {reading.Problem}");
            case ManifestState.Missing when IsOurs():
                return Different($"its {ImportManifest.FileName} is missing");
            case ManifestState.Damaged or ManifestState.Missing:
                return new ExistingImport { State = ExistingImportState.Foreign, Findings = ["it holds files that no import made"] };
        }

        var manifest = reading.Manifest!;
        var differences = CompareRecipe(manifest);
        differences.AddRange(CompareSizes(manifest));
        return differences.Count > 0
            ? Different([.. differences]) with { Manifest = manifest }
            : CompareHashes(manifest, cancellationToken);
    }

    private List<string> CompareRecipe(ImportManifest manifest)
    {
        var differences = new List<string>();
        string? requested = _options.DType is { } dtype ? DTypes.Name(dtype) : null;
        if (manifest.RequestedDType != requested)
        {
            differences.Add($"it was imported with {Describe(manifest.RequestedDType)}, and {Describe(requested)} was asked for");
        }

        var mapping = _plan.Mapping;
        if (manifest.Mapping.Family != mapping.Name || manifest.Mapping.Version != mapping.Version)
        {
            differences.Add(
                $"it was imported by mapping {manifest.Mapping.Family} {manifest.Mapping.Version}, and this is {mapping.Name} {mapping.Version}");
        }

        string? own = manifest.Files.FirstOrDefault(file => file.Name == ModelDirectory.MappingName)?.Sha256;
        if (differences.Count == 0 && own != (mapping.IsBuiltIn ? null : mapping.Sha256))
        {
            differences.Add("it was imported by another mapping of the same name and version");
        }

        return differences;

        static string Describe(string? dtype) => dtype is null ? "the source's own dtype" : $"dtype {dtype}";
    }

    private IEnumerable<string> CompareSizes(ImportManifest manifest)
    {
        var old = manifest.Source.Files.ToDictionary(file => file.Name);
        foreach (string name in _directory.SourceFiles)
        {
            if (!old.Remove(name, out var file))
            {
                yield return $"the source now has {name}";
            }
            else if (file.Size != RegularFile.Length(_directory.PathOf(name)))
            {
                yield return $"the source's {name} has changed";
            }
        }

        foreach (string name in old.Keys)
        {
            yield return $"the source no longer has {name}";
        }
    }

    // The same names and sizes: only the hashes can tell.
    private ExistingImport CompareHashes(ImportManifest manifest, CancellationToken cancellationToken)
    {
        long total = manifest.Source.Files.Sum(file => file.Size) + manifest.Files.Sum(file => file.Size), done = 0;
        void Progress(long bytes) => _options.Progress?.Report(new ImportProgress(ImportPhase.Checking, Interlocked.Add(ref done, bytes), total));

        using var settled = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var checking = Task.Run(() => FindDamage(manifest, Progress, settled.Token), CancellationToken.None);
        IReadOnlyList<ImportFile> sources;
        try
        {
            sources = SourceHashes.Compute(_directory, Progress, cancellationToken);
        }
        catch
        {
            settled.Cancel();
            Task.WaitAny([checking], CancellationToken.None);
            throw;
        }

        string[] changed =
        [
            .. sources.Where(file => manifest.Source.Files.First(old => old.Name == file.Name).Sha256 != file.Sha256)
                .Select(file => $"the source's {file.Name} has changed"),
        ];
        if (changed.Length > 0)
        {
            settled.Cancel();
            Task.WaitAny([checking], CancellationToken.None);
            return Different(changed) with { Manifest = manifest, SourceFiles = sources };
        }

        var damage = checking.GetAwaiter().GetResult();
        return new ExistingImport
        {
            State = damage.Count == 0 ? ExistingImportState.Intact : ExistingImportState.Damaged,
            Findings = damage,
            Manifest = manifest,
            SourceFiles = sources,
        };
    }

    private List<string> FindDamage(ImportManifest manifest, Action<long> progress, CancellationToken cancellationToken)
    {
        var damage = _directory.CompanionFiles.Prepend(ImportedNames.Weights).Where(name => !manifest.Files.Any(file => file.Name == name))
            .Select(name => $"{ImportManifest.FileName} did not list {name}").ToList();
        foreach (var file in manifest.Files)
        {
            string path = Path.Combine(_target, file.Name);
            var facts = FileFacts.Of(path);
            if (facts.Kind != FileKind.File)
            {
                damage.Add($"{file.Name} was {(facts.Kind == FileKind.Missing ? "missing" : "no file")}");
            }
            else if (facts.Length != file.Size)
            {
                damage.Add($"{file.Name} had the wrong size");
            }
            else if (FileHash.Sha256(path, progress, cancellationToken) != file.Sha256)
            {
                damage.Add($"{file.Name} was damaged");
            }
        }

        return damage;
    }

    // An import whose manifest is lost is still known by what its weights say of themselves.
    private bool IsOurs()
    {
        try
        {
            return SafeTensorHeader.Identify(Path.Combine(_target, ImportedNames.Weights)).Metadata.ContainsKey(ModelDirectory.LayoutKey);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static ExistingImport Different(params string[] findings) => new() { State = ExistingImportState.Different, Findings = findings };

    private static string Some(string[] names) => names.Length <= NamesShown
        ? string.Join(", ", names)
        : $"{string.Join(", ", names.Take(NamesShown))} and {names.Length - NamesShown} more";
}
