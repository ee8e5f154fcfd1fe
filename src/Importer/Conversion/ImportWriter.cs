using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Importer.IO;
using Importer.Mapping;
using Importer.Sources;
using Importer.Transfer;
using SafeTensorSharp;

namespace Importer.Conversion;

/// <summary>Writes everything that an imported directory holds into a staging directory.</summary>
internal sealed class ImportWriter
{
    /// <summary>What the writer of the weights has on its way at most, and the block in which the source is hashed meanwhile.</summary>
    public const long BufferBytes = 9 << 20;

    // Room for the manifest, the header and the file system's own bookkeeping.
    private const long Overhead = 1 << 20;
    private const int DataAlignment = 64;

    /// <summary>The program and its version, as it signs what it writes.</summary>
    public static readonly string Tool = $"import-weights {typeof(ImportWriter).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0]}";

    private readonly ModelDirectory _directory;
    private readonly LoadPlan _plan;
    private readonly ImportOptions _options;
    private readonly string _staging;
    private readonly string _place;

    public ImportWriter(ModelDirectory directory, LoadPlan plan, ImportOptions options, string staging, string place)
    {
        _directory = directory;
        _plan = plan;
        _options = options;
        _staging = staging;
        _place = place;
    }

    /// <summary>Writes the weights, the other files and the manifest, flushed, and returns the manifest.</summary>
    /// <param name="sourceFiles">The source's hashes, if they are known already.</param>
    /// <param name="cancellationToken">Stops within a block.</param>
    public ImportManifest Write(IReadOnlyList<ImportFile>? sourceFiles, CancellationToken cancellationToken)
    {
        long needed = _plan.Totals.BytesToWrite + _directory.CompanionFiles.Sum(name => RegularFile.Length(_directory.PathOf(name))) + Overhead;
        DiskSpace.Require(_staging, needed, _place);
        try
        {
            return WriteAll(sourceFiles, cancellationToken);
        }
        catch (IOException e) when (DiskSpace.IsExhausted(e))
        {
            throw new DiskSpaceException(_place, needed, null, e);
        }
    }

    private ImportManifest WriteAll(IReadOnlyList<ImportFile>? sourceFiles, CancellationToken cancellationToken)
    {
        long total = _plan.Totals.BytesToWrite;
        void Progress(long bytes) => _options.Progress?.Report(new ImportProgress(ImportPhase.Converting, bytes, Math.Max(total, bytes)));

        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

        // The source is hashed beside the conversion: the same bytes are in the page cache then.
        var hashing = sourceFiles is not null
            ? Task.FromResult(sourceFiles)
            : Task.Run(() => SourceHashes.Compute(_directory, null, failed.Token), CancellationToken.None);
        List<ImportFile> files = [];
        try
        {
            files.Add(WriteWeights(Progress, cancellationToken));
            foreach (string name in _directory.CompanionFiles)
            {
                files.Add(Copy(name, cancellationToken));
            }
        }
        catch
        {
            failed.Cancel();
            ((IAsyncResult)hashing).AsyncWaitHandle.WaitOne();
            throw;
        }

        var sources = hashing.GetAwaiter().GetResult();
        RequireSame(sources, files);

        // What no source has: a table of one's own, and a configuration that came out of the checkpoint.
        if (!_plan.Mapping.IsBuiltIn)
        {
            FlushedFile.Write(Path.Combine(_staging, ModelDirectory.MappingName), _plan.Mapping.Utf8);
            files.Add(new ImportFile(ModelDirectory.MappingName, _plan.Mapping.Utf8.Length, _plan.Mapping.Sha256));
        }

        if (!_directory.HasConfigFile)
        {
            byte[] config = Encoding.UTF8.GetBytes(_directory.Config.GetRawText());
            FlushedFile.Write(Path.Combine(_staging, ImportedNames.Config), config);
            files.Add(new ImportFile(ImportedNames.Config, config.Length, Convert.ToHexStringLower(SHA256.HashData(config))));
        }

        var manifest = Describe(sources, files);
        FlushedFile.Write(Path.Combine(_staging, ImportManifest.FileName), manifest.ToUtf8());
        return manifest;
    }

    private ImportFile WriteWeights(Action<long> progress, CancellationToken cancellationToken)
    {
        using var rows = new RowStream(_directory.Weights);
        var entries = _plan.Rows.Select(row =>
            SafeTensorEntry.FromWriter(row.Target, row.DType, row.Shape, output => rows.Write(row, output, cancellationToken)));
        var metadata = new Dictionary<string, string> { ["format"] = "pt", [ModelDirectory.LayoutKey] = ModelDirectory.LinearLayout };
        var result = SafeTensorWriter.Write(
            Path.Combine(_staging, ImportedNames.Weights), entries, metadata,
            new SafeTensorWriteOptions { DataAlignment = DataAlignment, ComputeSha256 = true },
            new ProgressRelay<SafeTensorProgress>(written => progress(written.BytesWritten)), cancellationToken);
        return new ImportFile(ImportedNames.Weights, result.BytesWritten, result.Sha256!);
    }

    private ImportFile Copy(string name, CancellationToken cancellationToken)
    {
        var (length, sha256) = FlushedFile.Copy(_directory.PathOf(name), Path.Combine(_staging, name), cancellationToken);
        return new ImportFile(name, length, sha256);
    }

    // A file that is copied and hashed by two readings has to be the same in both.
    private void RequireSame(IReadOnlyList<ImportFile> sources, IReadOnlyList<ImportFile> copies)
    {
        string[] changed =
        [
            .. copies.Where(copy => sources.Any(source => source.Name == copy.Name && copy.Name != ImportedNames.Weights && source != copy)).Select(copy => copy.Name),
        ];
        if (changed.Length > 0)
        {
            throw new SourceChangedException(_directory.Path, changed);
        }
    }

    private ImportManifest Describe(IReadOnlyList<ImportFile> sources, IReadOnlyList<ImportFile> files)
    {
        var dtypes = _plan.Rows.Select(row => row.DType).Distinct().ToList();
        return new ImportManifest
        {
            Format = ImportManifest.CurrentFormat,
            Tool = Tool,
            Source = new ImportSource(_directory.Id ?? _directory.Path, _directory.Commit, sources),
            Mapping = new ImportMapping(_plan.Mapping.Name, _plan.Mapping.Version, _plan.Prefix),
            DType = dtypes is [var only] ? DTypes.Name(only) : "mixed",
            RequestedDType = _options.DType is { } dtype ? DTypes.Name(dtype) : null,
            Tensors = _plan.Rows.Count,
            Dropped = [.. _plan.Dropped.Select(dropped => dropped.Source.Name)],
            Tied = _plan.Ties.ToDictionary(tie => tie.Target, tie => tie.To),
            Files = files,
        };
    }
}
