using Microsoft.Extensions.Logging;
using SharedSource.IO;

namespace HuggingFace.Hub.Client;

/// <summary>
/// An exclusive lock on a file, the same <c>flock</c> that Python's filelock takes. It saves double work and proves that a partial's owner
/// is gone; no correctness hangs on it, because on some file systems (Lustre, GPFS, some NFS) it is granted to everybody.
/// </summary>
internal sealed class FileLock : IDisposable
{
    private static readonly TimeSpan FirstPoll = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPoll = TimeSpan.FromMilliseconds(250);
    private readonly FileStream? _file;

    private FileLock(FileStream? file, bool isExclusive)
    {
        _file = file;
        IsExclusive = isExclusive;
    }

    /// <summary>Whether the lock keeps others on this machine out; false where locks are silent no-ops or cannot be taken.</summary>
    public bool IsExclusive { get; }

    /// <summary>Waits for the lock for as long as it takes.</summary>
    public static async Task<FileLock> AcquireAsync(string path, string file, HubSettings settings, CancellationToken cancellationToken)
    {
        if (!settings.Seams.LocksWork)
        {
            return new FileLock(null, isExclusive: false);
        }

        TimeSpan poll = FirstPoll;
        for (bool announced = false; ; poll = poll * 2 < LongestPoll ? poll * 2 : LongestPoll)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryTake(path, settings.Logger, out FileLock? taken))
            {
                return taken!;
            }

            if (!announced)
            {
                Log.WaitingForLock(settings.Logger, file, path);
                announced = true;
            }

            await Task.Delay(poll, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>No lock at all.</summary>
    public static FileLock None => new(null, isExclusive: false);

    /// <summary>Takes the lock if nobody holds it; null when somebody does.</summary>
    public static FileLock? TryAcquire(string path, HubSettings settings) =>
        !settings.Seams.LocksWork ? None
            : TryTake(path, settings.Logger, out FileLock? taken) ? taken
            : null;

    public void Dispose() => _file?.Dispose();

    private static bool TryTake(string path, ILogger logger, out FileLock? taken)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            FileStream lockFile = Open(path);
            taken = new FileLock(lockFile, isExclusive: KeepsOthersOut(path));
            return true;
        }
        catch (IOException error) when (SharingViolation.Is(error))
        {
            taken = null;
            return false;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Another user's lock file, a read-only directory, a file system without locks: go on without.
            Log.Ignoring(logger, path, error.Message);
            taken = new FileLock(null, isExclusive: false);
            return true;
        }
    }

    /// <summary>Asks for the same lock a second time: where locks work, that fails.</summary>
    private static bool KeepsOthersOut(string path)
    {
        try
        {
            Open(path).Dispose();
            return false;
        }
        catch (IOException error)
        {
            return SharingViolation.Is(error);
        }
    }

    private static FileStream Open(string path)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.None,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
        {
            // huggingface_hub's mode, so that a group can share a cache (the umask still applies).
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite
                | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead;
        }

        return new FileStream(path, options);
    }
}
