using SharedSource.IO;

namespace Importer.IO;

/// <summary>A file that one process at a time holds open; it is gone when nobody does.</summary>
internal sealed class FileLock : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private readonly FileStream _stream;

    private FileLock(FileStream stream) => _stream = stream;

    /// <summary>Waits until nobody else holds the lock, and takes it.</summary>
    /// <param name="path">The lock file; made if need be.</param>
    /// <param name="waiting">Called once if somebody else has to be waited for.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="IOException">The file cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static async Task<FileLock> TakeAsync(string path, Action? waiting, CancellationToken cancellationToken)
    {
        for (bool told = false; ;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var taken = TryTake(path, out bool isHeld);
            if (taken is not null)
            {
                return taken;
            }

            if (isHeld && !told)
            {
                told = true;
                waiting?.Invoke();
            }

            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes the lock if nobody else holds it; else null.</summary>
    /// <param name="path">The lock file; made if need be.</param>
    /// <exception cref="IOException">The file cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public static FileLock? TryTake(string path) => TryTake(path, out _);

    /// <summary>Removes the file and lets others go on.</summary>
    public void Dispose()
    {
        try
        {
            File.Delete(_stream.Name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Windows does not delete an open file; a lock file that stays does no harm.
        }

        _stream.Dispose();
    }

    /// <summary>
    /// Whether an open file is still the one at its path. The owner before us may have removed it between our opening and
    /// locking it; then the lock keeps nobody out.
    /// </summary>
    internal static bool Guards(FileStream stream, string path)
    {
        if (FileFacts.Of(stream.SafeFileHandle) is { } opened)
        {
            var there = FileFacts.Of(path);
            return (opened.Device, opened.Inode) == (there.Device, there.Inode);
        }

        // A second open would run into the lock, so the file is recognised by a time that only it has. Where times cannot be
        // set, nothing can be told and the lock is taken for good.
        var mark = DateTime.UnixEpoch.AddSeconds(2L * Random.Shared.Next(1 << 29));
        try
        {
            File.SetLastWriteTimeUtc(stream.SafeFileHandle, mark);
            return File.GetLastWriteTimeUtc(stream.SafeFileHandle) != mark || File.GetLastWriteTimeUtc(path) == mark;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    private static FileLock? TryTake(string path, out bool isHeld)
    {
        isHeld = false;
        try
        {
            var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            if (Guards(stream, path))
            {
                return new FileLock(stream);
            }

            stream.Dispose();
        }
        catch (IOException e) when (SharingViolation.Is(e))
        {
            isHeld = true;
        }

        return null;
    }
}
