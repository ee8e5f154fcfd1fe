namespace Importer.IO;

/// <summary>
/// A directory that appears whole or not at all: it is filled beside its final place, flushed, and renamed into it.
/// What stood there before is removed only afterwards. Disposing without <see cref="Publish"/> leaves no trace.
/// </summary>
internal sealed class StagedDirectory : IDisposable
{
    private const string StagingMark = ".importing-";
    private const string OldMark = ".replaced-";
    private readonly string _target;
    private readonly FileStream _lock;
    private bool _published;

    private StagedDirectory(string target, string staging, FileStream theLock)
    {
        _target = target;
        Path = staging;
        _lock = theLock;
    }

    /// <summary>Where to write; beside the final place, so that the rename stays within a file system.</summary>
    public string Path { get; }

    /// <summary>
    /// Waits until no other process writes the target, clears what a crash left of it, and makes the staging directory.
    /// </summary>
    /// <param name="target">The directory that is to appear.</param>
    /// <param name="waiting">Called once if another process has to be waited for.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="IOException">The parent directory cannot be made or written to.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be.</exception>
    public static async Task<StagedDirectory> CreateAsync(string target, Action? waiting, CancellationToken cancellationToken)
    {
        string parent = System.IO.Path.GetDirectoryName(target)!;
        string name = System.IO.Path.GetFileName(target);
        Directory.CreateDirectory(parent);
        var theLock = await LockAsync(System.IO.Path.Combine(parent, $".{name}.lock"), waiting, cancellationToken).ConfigureAwait(false);
        try
        {
            Recover(parent, name, target);
            string staging = System.IO.Path.Combine(parent, $".{name}{StagingMark}{Guid.NewGuid():N}");
            Directory.CreateDirectory(staging);
            return new StagedDirectory(target, staging, theLock);
        }
        catch
        {
            Unlock(theLock);
            throw;
        }
    }

    /// <summary>Moves the staging directory to the target's place; files in it must have been flushed.</summary>
    public void Publish()
    {
        string parent = System.IO.Path.GetDirectoryName(_target)!;
        DurableFileSystem.FlushDirectory(Path);
        if (Directory.Exists(_target))
        {
            string old = System.IO.Path.Combine(parent, $".{System.IO.Path.GetFileName(_target)}{OldMark}{Guid.NewGuid():N}");
            if (DurableFileSystem.TryExchange(Path, _target))
            {
                Directory.Move(Path, old);
            }
            else
            {
                Directory.Move(_target, old);
                Directory.Move(Path, _target);
            }

            _published = true;
            DurableFileSystem.FlushDirectory(parent);
            Directory.Delete(old, recursive: true);
        }
        else
        {
            Directory.Move(Path, _target);
            _published = true;
            DurableFileSystem.FlushDirectory(parent);
        }
    }

    /// <summary>Removes the staging directory if it was not published, and lets other processes go on.</summary>
    public void Dispose()
    {
        try
        {
            if (!_published && Directory.Exists(Path))
            {
                Directory.Delete(Path, recursive: true);
            }
        }
        catch (IOException)
        {
            // The next run clears it; the error that brought us here matters more.
        }
        finally
        {
            Unlock(_lock);
        }
    }

    private static void Recover(string parent, string name, string target)
    {
        foreach (string old in Marked(parent, $".{name}{OldMark}"))
        {
            // A crash between the two renames: the old result is the only one.
            if (Directory.Exists(target))
            {
                Directory.Delete(old, recursive: true);
            }
            else
            {
                Directory.Move(old, target);
            }
        }

        foreach (string staging in Marked(parent, $".{name}{StagingMark}"))
        {
            Directory.Delete(staging, recursive: true);
        }
    }

    // Not a search pattern: a name may hold what a pattern reads otherwise, and another import's directory is not ours to clear.
    private static string[] Marked(string parent, string prefix) =>
    [
        .. Directory.GetDirectories(parent).Where(path =>
            System.IO.Path.GetFileName(path) is var found && found.StartsWith(prefix, StringComparison.Ordinal) &&
            Guid.TryParseExact(found.AsSpan(prefix.Length), "N", out _))
    ];

    private static async Task<FileStream> LockAsync(string path, Action? waiting, CancellationToken cancellationToken)
    {
        for (bool told = false; ; told = true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                if (Guards(stream, path))
                {
                    return stream;
                }

                await stream.DisposeAsync().ConfigureAwait(false);
                continue;
            }
            catch (IOException e) when (e.GetType() == typeof(IOException) && IsSharingViolation(e))
            {
                if (!told)
                {
                    waiting?.Invoke();
                }
            }

            await Task.Delay(200, cancellationToken).ConfigureAwait(false);
        }
    }

    // The owner before us may have removed the file between our opening and locking it; then the lock guards nothing. A
    // second open would run into the lock, so the file is recognised by a time that only it has.
    private static bool Guards(FileStream theLock, string path)
    {
        var mark = DateTime.UnixEpoch.AddSeconds(2L * Random.Shared.Next(1 << 29));
        File.SetLastWriteTimeUtc(theLock.SafeFileHandle, mark);
        return File.GetLastWriteTimeUtc(path) == mark;
    }

    // .NET reports a lock that another process holds as a plain IOException: ERROR_SHARING_VIOLATION on Windows, EWOULDBLOCK elsewhere.
    private static bool IsSharingViolation(IOException e) => e.HResult is unchecked((int)0x80070020) or 11 or 35;

    private static void Unlock(FileStream theLock)
    {
        try
        {
            File.Delete(theLock.Name);
        }
        catch (IOException)
        {
            // Windows does not delete an open file; a lock file that stays does no harm.
        }

        theLock.Dispose();
    }
}
