using SharedSource.IO;

namespace HuggingFace.Hub.Client;

/// <summary>
/// Puts a blob's file into a snapshot: as a relative link, or, where links cannot be made (found out by trying, so nothing can race a
/// probe), as the file itself.
/// </summary>
internal sealed class SnapshotLinker(HubSettings settings)
{
    private int _linksFail = settings.UseSymbolicLinks ? 0 : 1;

    /// <summary>Whether snapshots hold the files themselves.</summary>
    public bool HoldsFiles => Volatile.Read(ref _linksFail) != 0;

    /// <summary>Makes the pointer lead to the blob, whatever was there before.</summary>
    /// <param name="folder">The repository.</param>
    /// <param name="hash">The blob, finished.</param>
    /// <param name="pointer">The path in the snapshot.</param>
    /// <param name="isNew">Whether the blob has just been made and checked, so that it may be moved where there are no links.</param>
    /// <param name="cancellationToken">Stops a copy.</param>
    /// <returns>False when the blob had to be copied and proved damaged.</returns>
    public async Task<bool> PlaceAsync(RepoFolder folder, ContentHash hash, string pointer, bool isNew, CancellationToken cancellationToken)
    {
        string blob = folder.Blob(hash);
        Directory.CreateDirectory(Path.GetDirectoryName(pointer)!);
        if (!HoldsFiles && TryLink(folder, blob, pointer))
        {
            return true;
        }

        if (isNew && new FileInfo(blob).LinkTarget is null)
        {
            AtomicFile.Publish(blob, pointer);
            return true;
        }

        string temporary = AtomicFile.TemporaryName(folder.Blobs);
        if (!await VerifiedFile.CopyAsync(blob, temporary, hash, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        AtomicFile.Publish(temporary, pointer);
        return true;
    }

    private bool TryLink(RepoFolder folder, string blob, string pointer)
    {
        string target = Path.GetRelativePath(Path.GetDirectoryName(pointer)!, blob);
        if (new FileInfo(pointer).LinkTarget == target)
        {
            return true;
        }

        // Elsewhere first, then renamed, so that what is there now stays until it is replaced. A link's text does not depend on where it
        // lies.
        string temporary = AtomicFile.TemporaryName(folder.Blobs);
        try
        {
            Directory.CreateDirectory(folder.Blobs);
            settings.Seams.CreateSymbolicLink(temporary, target);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            if (error is IOException full && FreeSpace.IsExhausted(full))
            {
                throw;
            }

            if (Interlocked.Exchange(ref _linksFail, 1) == 0 && !settings.Environment.DisableSymlinksWarning)
            {
                Log.NoSymbolicLinks(settings.Logger, folder.Root, error.Message);
            }

            return false;
        }

        try
        {
            File.Move(temporary, pointer, overwrite: true);
        }
        catch
        {
            FileProbe.TryDelete(temporary);
            throw;
        }

        return true;
    }
}
