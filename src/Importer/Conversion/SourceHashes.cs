using Importer.IO;
using Importer.Sources;

namespace Importer.Conversion;

/// <summary>Hashes of the files that an import reads.</summary>
internal static class SourceHashes
{
    /// <summary>Hashes each of the source's files, in their order, but those whose hash is known to be right.</summary>
    public static IReadOnlyList<ImportFile> Compute(ModelDirectory directory, Action<long>? progress, CancellationToken cancellationToken) =>
        [.. directory.SourceFiles.Select(name => Compute(directory, name, progress, cancellationToken))];

    private static ImportFile Compute(ModelDirectory directory, string name, Action<long>? progress, CancellationToken cancellationToken)
    {
        string path = directory.PathOf(name);
        long length = RegularFile.Length(path);
        if (!directory.KnownSha256.TryGetValue(name, out string? known))
        {
            return new ImportFile(name, length, FileHash.Sha256(path, progress, cancellationToken));
        }

        progress?.Invoke(length);
        return new ImportFile(name, length, known);
    }
}
