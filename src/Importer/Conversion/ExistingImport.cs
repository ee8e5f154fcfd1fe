using Importer.IO;
using Importer.Mapping;
using Importer.Sources;
using SafeTensorSharp;

namespace Importer.Conversion;

/// <summary>Compares what stands at the place of an import with what would be put there.</summary>
internal sealed record ExistingImport
{
    public required ExistingImportState State { get; init; }

    /// <summary>What is different or damaged, in words.</summary>
    public IReadOnlyList<string> Findings { get; init; } = [];

    public ImportManifest? Manifest { get; init; }

    /// <summary>The source's files with their hashes, where they had to be hashed for the comparison.</summary>
    public IReadOnlyList<ImportFile>? SourceFiles { get; init; }

    public static ExistingImport Inspect(
        string target, ModelDirectory directory, LoadPlan plan, ImportOptions options, CancellationToken cancellationToken)
    {
        if (File.Exists(target))
        {
            return new ExistingImport { State = ExistingImportState.Foreign, Findings = ["it is a file"] };
        }

        if (!Directory.Exists(target) || !Directory.EnumerateFileSystemEntries(target).Any())
        {
            return new ExistingImport { State = ExistingImportState.Absent };
        }

        if (ImportManifest.TryRead(Path.Combine(target, ImportManifest.FileName)) is not { } manifest)
        {
            return IsOurs(target)
                ? new ExistingImport { State = ExistingImportState.Different, Findings = [$"its {ImportManifest.FileName} is missing, broken or of a newer version"] }
                : new ExistingImport { State = ExistingImportState.Foreign, Findings = ["it holds files that no import made"] };
        }

        // Whatever is done, the directory is made anew: what somebody else put there would be lost.
        string[] others = [.. Directory.EnumerateFileSystemEntries(target).Select(path => Path.GetFileName(path))
            .Where(name => name != ImportManifest.FileName && manifest.Files.All(file => file.Name != name))];
        var differences = CompareRecipe(manifest, plan, options);
        var sources = directory.SourceFiles;
        differences.AddRange(CompareSizes(manifest, directory, sources));
        if (differences.Count > 0)
        {
            if (others.Length > 0)
            {
                return new ExistingImport { State = ExistingImportState.Foreign, Findings = [.. differences, $"it also holds {others[0]}, which no import made"], Manifest = manifest };
            }

            return new ExistingImport { State = ExistingImportState.Different, Findings = differences, Manifest = manifest };
        }

        // The same names and sizes: only the hashes can tell.
        long total = sources.Sum(name => FileLength.Of(directory.PathOf(name))) + manifest.Files.Sum(file => file.Size), done = 0;
        void Progress(long bytes) => options.Progress?.Report(new ImportProgress(ImportPhase.Checking, Interlocked.Add(ref done, bytes), total));
        var hashed = SourceHashes.Compute(directory, sources, Progress, cancellationToken);
        var changed = hashed.Where(file => manifest.Source.Files.First(old => old.Name == file.Name).Sha256 != file.Sha256)
            .Select(file => $"the source's {file.Name} has changed").ToList();
        if (changed.Count > 0)
        {
            return new ExistingImport { State = ExistingImportState.Different, Findings = changed, Manifest = manifest, SourceFiles = hashed };
        }

        var damage = FindDamage(target, manifest, Progress, cancellationToken);
        if (damage.Count > 0 && others.Length > 0)
        {
            return new ExistingImport { State = ExistingImportState.Foreign, Findings = [.. damage, $"it also holds {others[0]}, which no import made"], Manifest = manifest };
        }

        return new ExistingImport
        {
            State = damage.Count == 0 ? ExistingImportState.Intact : ExistingImportState.Damaged,
            Findings = damage,
            Manifest = manifest,
            SourceFiles = hashed,
        };
    }

    private static List<string> CompareRecipe(ImportManifest manifest, LoadPlan plan, ImportOptions options)
    {
        var differences = new List<string>();
        string? requested = options.DType is { } dtype ? DTypes.Name(dtype) : null;
        if (manifest.RequestedDType != requested)
        {
            differences.Add($"it was imported with {Describe(manifest.RequestedDType)}, and {Describe(requested)} was asked for");
        }

        string version = plan.Mapping.Version;
        if (manifest.Mapping.Family != plan.Mapping.Name || manifest.Mapping.Version != version)
        {
            differences.Add(
                $"it was imported by mapping {manifest.Mapping.Family} {manifest.Mapping.Version}, and this is {plan.Mapping.Name} {version}");
        }

        string? own = manifest.Files.FirstOrDefault(file => file.Name == ModelDirectory.MappingName)?.Sha256;
        if (differences.Count == 0 && own != (plan.Mapping.IsBuiltIn ? null : plan.Mapping.Sha256))
        {
            differences.Add("it was imported by another mapping of the same name and version");
        }

        return differences;

        static string Describe(string? dtype) => dtype is null ? "the source's own dtype" : $"dtype {dtype}";
    }

    private static IEnumerable<string> CompareSizes(ImportManifest manifest, ModelDirectory directory, IReadOnlyList<string> sources)
    {
        var old = manifest.Source.Files.ToDictionary(file => file.Name);
        foreach (string name in sources)
        {
            if (!old.Remove(name, out var file))
            {
                yield return $"the source now has {name}";
            }
            else if (file.Size != FileLength.Of(directory.PathOf(name)))
            {
                yield return $"the source's {name} has changed";
            }
        }

        foreach (string name in old.Keys)
        {
            yield return $"the source no longer has {name}";
        }
    }

    private static List<string> FindDamage(string target, ImportManifest manifest, Action<long> progress, CancellationToken cancellationToken)
    {
        var damage = new List<string>();
        foreach (var file in manifest.Files)
        {
            string path = Path.Combine(target, Path.GetFileName(file.Name));
            if (!File.Exists(path))
            {
                damage.Add($"{file.Name} was missing");
            }
            else if (FileLength.Of(path) != file.Size)
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
    private static bool IsOurs(string target)
    {
        try
        {
            return SafeTensorHeader.Identify(Path.Combine(target, ImportWriter.WeightsName)).Metadata.ContainsKey(ModelDirectory.LayoutKey);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
