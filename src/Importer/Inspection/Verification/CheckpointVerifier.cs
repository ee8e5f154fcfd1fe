using Importer.IO;
using Importer.Mapping;
using Importer.Sources;

namespace Importer.Inspection.Verification;

/// <summary>
/// Verifies a checkpoint on disk: an import against its manifest, a snapshot in the hub's cache against the names of its blobs, and
/// every checkpoint against the rules of its containers, its index, its configuration and its mapping.
/// </summary>
public static class CheckpointVerifier
{
    /// <summary>Verifies a checkpoint. What is wrong with it is the result; nothing of it is thrown.</summary>
    /// <param name="path">A directory, or a weights file in one.</param>
    /// <param name="options">Whether values are read, and the rest; null for the defaults.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <exception cref="ModelNotFoundException">There is no such directory or file.</exception>
    /// <exception cref="NotAFileException">It is a pipe or a device.</exception>
    /// <exception cref="MappingTableException">The table in the options is not valid.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory may not be read.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static Task<CheckpointVerification> VerifyAsync(
        string path, VerificationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        options ??= new VerificationOptions();
        return Task.Run(
            () =>
            {
                var kind = FileFacts.Of(path).Kind;
                return kind switch
                {
                    FileKind.Directory or FileKind.File => new VerificationRun(path, options).Run(cancellationToken),
                    FileKind.Missing => throw NotFound(path),
                    _ => throw new NotAFileException(path, kind),
                };
            },
            cancellationToken);
    }

    private static ModelNotFoundException NotFound(string path) => new(
        path, $"There is no file or directory {path}",
        ModelLocator.TryParseId(path, out var repo)
            ? $"For the cache's copy of a model on the hub: import-weights cache verify {repo.Id}."
            : "Check the path.");
}
