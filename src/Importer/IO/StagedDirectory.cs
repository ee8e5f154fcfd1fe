using SharedSource.IO;

namespace Importer.IO;

/// <summary>
/// A directory that appears whole or not at all: it is filled beside its final place, flushed, and renamed into it.
/// What stood there before is removed only afterwards. Disposing without <see cref="Publish"/> leaves no trace.
/// </summary>
internal sealed class StagedDirectory : IDisposable
{
    private readonly string _target;
    private readonly StagingNames _names;
    private readonly StagedDirectoryOptions _options;
    private readonly FileLock _lock;
    private bool _published;

    private StagedDirectory(string target, StagingNames names, StagedDirectoryOptions options, FileLock theLock)
    {
        _target = target;
        _names = names;
        _options = options;
        _lock = theLock;
        Path = names.NewStaging();
    }

    /// <summary>Where to write; beside the final place, so that the rename stays within a file system.</summary>
    public string Path { get; }

    /// <summary>
    /// Waits until no other process writes the target, clears what a crash left of it, and makes the staging directory.
    /// </summary>
    /// <param name="target">The directory that is to appear: a full path that is no link.</param>
    /// <param name="options">What of an old directory may be removed, and who is told of waiting.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="IOException">The parent directory cannot be made or written to.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be.</exception>
    public static async Task<StagedDirectory> CreateAsync(string target, StagedDirectoryOptions options, CancellationToken cancellationToken)
    {
        var names = new StagingNames(target);
        DiskFlush.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
        var theLock = await FileLock.TakeAsync(names.Lock, options.Waiting, cancellationToken).ConfigureAwait(false);
        try
        {
            var staged = new StagedDirectory(target, names, options, theLock);
            staged.Recover();
            Directory.CreateDirectory(staged.Path);
            return staged;
        }
        catch
        {
            theLock.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Clears what a crash left of a target that is whole: without waiting for anybody who is at work there, and where nothing may be
    /// written it stays.
    /// </summary>
    /// <param name="target">The directory: a full path that is no link.</param>
    /// <param name="options">What of an old directory may be removed.</param>
    public static void TryClear(string target, StagedDirectoryOptions options)
    {
        var names = new StagingNames(target);
        try
        {
            if (names.FindStaging().Length + names.FindOld().Length > 0 && FileLock.TryTake(names.Lock) is { } theLock)
            {
                using var staged = new StagedDirectory(target, names, options, theLock);
                staged.Recover();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    /// <summary>Moves the staging directory to the target's place; files in it must have been flushed.</summary>
    /// <returns>Where the old directory is kept, because it held files that are not ours to remove; else null.</returns>
    public string? Publish()
    {
        string parent = System.IO.Path.GetDirectoryName(_target)!;
        _options.FlushDirectory(Path);
        if (!Directory.Exists(_target))
        {
            Directory.Move(Path, _target);
            _published = true;
            _options.FlushDirectory(parent);
            return null;
        }

        string old = _names.NewOld();
        if (DurableFileSystem.TryExchange(Path, _target))
        {
            _published = true;
            _options.FlushDirectory(parent);
            if (!TryMove(Path, old))
            {
                old = Path; // the next run clears it under this name as well
            }
        }
        else
        {
            MoveAway(old);
            try
            {
                Directory.Move(Path, _target);
            }
            catch
            {
                Directory.Move(old, _target);
                throw;
            }

            _published = true;
            _options.FlushDirectory(parent);
        }

        return Remove(old) ? null : HoldsOthers(old) ? old : null;
    }

    /// <summary>Removes the staging directory if it was not published, and lets other processes go on.</summary>
    public void Dispose()
    {
        if (!_published)
        {
            Remove(Path); // if that fails the next run clears it; the error that brought us here matters more
        }

        _lock.Dispose();
    }

    private void MoveAway(string old)
    {
        try
        {
            Directory.Move(_target, old);
        }
        catch (IOException e) when (e.HResult == DurableFileSystem.Busy)
        {
            throw new IOException($"The directory '{_target}' cannot be replaced.", e.HResult); // .NET says only that something is busy
        }
    }

    private void Recover()
    {
        foreach (string old in _names.FindOld())
        {
            // A crash between the two renames: the old result is the only one.
            if (Directory.Exists(_target) || !TryMove(old, _target))
            {
                Remove(old);
            }
        }

        foreach (string staging in _names.FindStaging())
        {
            Remove(staging);
        }
    }

    // As far as possible: an old copy that stays is a nuisance, and no reason to call a finished import failed. Only files that
    // may be ours are touched, since somebody may have put others there at the last moment.
    private bool Remove(string directory)
    {
        try
        {
            foreach (string file in Directory.EnumerateFiles(directory))
            {
                string name = System.IO.Path.GetFileName(file);
                if (_options.IsOwn(name) || IsTemporary(name))
                {
                    File.Delete(file);
                }
            }

            Directory.Delete(directory, recursive: false);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e is DirectoryNotFoundException;
        }
    }

    private bool HoldsOthers(string directory)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries(directory).Any(path => !_options.IsOwn(System.IO.Path.GetFileName(path)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // How a writer of single files names what it has not finished.
    private static bool IsTemporary(string name) => name.StartsWith('.') && name.EndsWith(".tmp", StringComparison.Ordinal);

    private static bool TryMove(string from, string to)
    {
        try
        {
            Directory.Move(from, to);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
