using Importer.IO;
using Importer.Sources;

namespace Importer.Conversion;

/// <summary>Hashes of the files that an import reads.</summary>
internal static class SourceHashes
{
    /// <summary>Hashes each of the files, in their order.</summary>
    public static IReadOnlyList<ImportFile> Compute(
        ModelDirectory directory, IReadOnlyList<string> names, Action<long>? progress, CancellationToken cancellationToken) =>
    [
        .. names.Select(name =>
        {
            string path = directory.PathOf(name);
            return new ImportFile(name, FileLength.Of(path), FileHash.Sha256(path, progress, cancellationToken));
        })
    ];
}
