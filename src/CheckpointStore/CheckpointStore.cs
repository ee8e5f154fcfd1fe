using CheckpointStorage.Catalog;
using CheckpointStorage.IO;
using CheckpointStorage.Verification;

namespace CheckpointStorage;

/// <summary>
/// A directory of checkpoints that survives crashes: each is there whole or not at all, every byte of it hashed, and old ones go
/// only when a newer one was read back from the disk and proved right.
/// </summary>
/// <remarks>
/// One store at a time writes to a directory; any number read, and may pin. All members may be called from any thread: saves, searches, backups
/// and removals of a store wait for each other.
/// </remarks>
public sealed partial class CheckpointStore : IAsyncDisposable, IDisposable
{
    private readonly StoreDirectory _store;
    private readonly IDisposable? _lock;
    private readonly SemaphoreSlim _gate = new(1, 1);
    private bool _disposed;

    private CheckpointStore(StoreDirectory store, IDisposable? theLock)
    {
        _store = store;
        _lock = theLock;
    }

    /// <summary>The full path.</summary>
    public string Directory => _store.Path;

    /// <summary>Whether this store was opened to write.</summary>
    public bool CanWrite => _lock is not null;

    /// <summary>
    /// Opens a directory to write, making it if need be: takes its lock, removes what a crash left unfinished, and sets the pointers
    /// right. Checkpoints are not read; <see cref="FindNewestValidAsync"/> does that.
    /// </summary>
    /// <param name="directory">The directory.</param>
    /// <param name="options">What is kept, and how; the defaults where null.</param>
    /// <exception cref="CheckpointStoreLockedException">Another run writes there.</exception>
    /// <exception cref="CheckpointIOException">The directory cannot be made or read.</exception>
    public static CheckpointStore Open(string directory, CheckpointStoreOptions? options = null) =>
        Open(directory, options, PhysicalFileSystem.Instance);

    /// <summary>
    /// Opens a directory to read. Nothing in it is ever changed, but by <see cref="Pin"/> and <see cref="Unpin"/>; one that does not exist is an
    /// empty store.
    /// </summary>
    /// <param name="directory">The directory.</param>
    /// <param name="options">Which metric is better, the log; the defaults where null.</param>
    public static CheckpointStore OpenRead(string directory, CheckpointStoreOptions? options = null) =>
        new(Describe(directory, options, PhysicalFileSystem.Instance), null);

    /// <summary>Reads the manifest of one checkpoint, wherever it is: in a store, a backup, a copy under another name.</summary>
    /// <param name="directory">The checkpoint's directory.</param>
    /// <exception cref="CheckpointDamagedException">The manifest is missing or damaged.</exception>
    /// <exception cref="CheckpointFormatException">A later version wrote it.</exception>
    /// <exception cref="CheckpointIOException">It may not be read.</exception>
    public static CheckpointInfo Identify(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        string path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        StoreDirectory store = Describe(Path.GetDirectoryName(path) ?? path, null, PhysicalFileSystem.Instance);
        return Guard(path, "read it", () => ReferenceResolver.Usable(store.Read(path)));
    }

    /// <summary>
    /// All checkpoints, the newest first, by what is in the directory and not by any pointer. Those whose manifest cannot be read are
    /// listed with a <see cref="CheckpointInfo.Problem"/>.
    /// </summary>
    /// <exception cref="CheckpointIOException">The directory may not be read.</exception>
    public IReadOnlyList<CheckpointInfo> List() => Guard(Directory, "list it", () => _store.Scan());

    /// <summary>The backups, the newest first.</summary>
    /// <exception cref="CheckpointIOException">The directory may not be read.</exception>
    public IReadOnlyList<CheckpointInfo> ListBackups() => Guard(_store.Backups, "list it", () => _store.Scan(_store.Backups));

    /// <summary>Full paths of the checkpoints that were put aside as damaged, the newest first.</summary>
    /// <exception cref="CheckpointIOException">The directory may not be read.</exception>
    public IReadOnlyList<string> ListQuarantined() => Guard(Directory, "list it", () => _store.ScanQuarantine().ConvertAll(_store.At));

    /// <summary>Finds a checkpoint by what people call it.</summary>
    /// <param name="reference">
    /// <c>latest</c> (the one saved last), <c>best</c> (the best metric among those of the same configuration as the latest), an id or its
    /// beginning, <c>step:N</c> and <c>epoch:E</c> (the one saved last, where there are several), or a path with a directory separator in it.
    /// </param>
    /// <exception cref="CheckpointNotFoundException">There is none; the message lists those there are. Or a beginning fits several.</exception>
    /// <exception cref="CheckpointDamagedException">Its manifest is damaged. Its files are not read.</exception>
    /// <exception cref="CheckpointFormatException">A later version wrote it.</exception>
    /// <exception cref="CheckpointIOException">The directory may not be read.</exception>
    public CheckpointInfo Resolve(string reference)
    {
        ArgumentException.ThrowIfNullOrEmpty(reference);
        return Guard(Directory, "list it", () => ReferenceResolver.Resolve(_store, reference));
    }

    /// <summary>Reads every file of a checkpoint from the disk and compares it with the manifest.</summary>
    /// <param name="checkpoint">The checkpoint; of any store.</param>
    /// <param name="progress">Told of the bytes read so far.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>All that is wrong; empty when every byte is what was saved.</returns>
    /// <exception cref="CheckpointIOException">A file may not be read, which is no damage.</exception>
    public Task<IReadOnlyList<CheckpointProblem>> VerifyAsync(
        CheckpointInfo checkpoint, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        return Task.Run<IReadOnlyList<CheckpointProblem>>(
            () => Guard(
                checkpoint.Directory,
                "read it",
                () => CheckpointVerifier.Verify(_store.Files, _store.Read(checkpoint.Directory, fromDisk: true), Sum(progress), cancellationToken)),
            cancellationToken);
    }

    /// <summary>
    /// Finds the newest checkpoint whose every byte is what was saved. Newer ones that are damaged are put aside as <c>.corrupt-ID</c>
    /// with the reason in them (in a store that was opened to read they are passed over), and the pointers set right before.
    /// </summary>
    /// <param name="progress">Told of the bytes read so far.</param>
    /// <param name="cancellationToken">Ends the search; nothing is put aside then.</param>
    /// <exception cref="AllCheckpointsDamagedException">There are checkpoints, and all are damaged; nothing was put aside.</exception>
    /// <exception cref="CheckpointFormatException">A later version wrote the newest; that is no damage.</exception>
    /// <exception cref="CheckpointIOException">A file may not be read, which is no damage either; or a damaged one cannot be put aside.</exception>
    public Task<CheckpointSearch> FindNewestValidAsync(IProgress<long>? progress = null, CancellationToken cancellationToken = default) =>
        ExclusiveAsync(
            () => Guard(Directory, "search it", () => NewestValidSearch.Run(_store, CanWrite, Sum(progress), cancellationToken)), cancellationToken);

    /// <summary>What two checkpoints differ in, by their manifests: fields, configuration, metadata, files.</summary>
    /// <param name="first">The one.</param>
    /// <param name="second">The other.</param>
    public static IReadOnlyList<CheckpointDifference> Diff(CheckpointInfo first, CheckpointInfo second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return Differ.Compare(first, second);
    }

    /// <summary>Waits for a save that is under way and lets other processes write.</summary>
    public async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        Close();
    }

    /// <inheritdoc cref="DisposeAsync"/>
    public void Dispose()
    {
        _gate.Wait();
        Close();
    }

    /// <summary>Opens a directory on any file system.</summary>
    internal static CheckpointStore Open(string directory, CheckpointStoreOptions? options, IStoreFileSystem files)
    {
        StoreDirectory store = Describe(directory, options, files);
        return Guard(store.Path, "open it to write", () =>
        {
            files.CreateDirectories(store.Path);
            IDisposable theLock = files.TryLock(store.At(StoreNames.Lock), LockOwner.Current(store.Options.TimeProvider).ToJson(), out string holder)
                ?? throw new CheckpointStoreLockedException(store.Path, LockOwner.Parse(holder));
            try
            {
                store.RemoveOrphans();
                SetPointers(store);
                return new CheckpointStore(store, theLock);
            }
            catch
            {
                theLock.Dispose();
                throw;
            }
        });
    }

    // On a full disk a store must open, if only to make room.
    private static void SetPointers(StoreDirectory store)
    {
        List<CheckpointInfo> all = store.Scan();
        try
        {
            store.WritePointers(all);
        }
        catch (Exception e) when (StoreErrors.IsFileSystem(e))
        {
            Log.Warned(store.Logger, $"The pointers could not be set right: {DisplayText.Clause(e.Message)}");
        }
    }

    private static StoreDirectory Describe(string directory, CheckpointStoreOptions? options, IStoreFileSystem files)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        return new StoreDirectory(Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory)), files, (options ?? new CheckpointStoreOptions()).Validate());
    }

    private static T Guard<T>(string path, string operation, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (StoreErrors.IsFileSystem(e))
        {
            throw new CheckpointIOException(path, operation, e);
        }
    }

    private static Action<string, int>? Sum(IProgress<long>? progress)
    {
        long total = 0;
        return progress is null ? null : (_, count) => progress.Report(total += count);
    }

    private async Task<T> ExclusiveAsync<T>(Func<T> action, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return await Task.Run(action, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    private void Close()
    {
        if (!_disposed)
        {
            _disposed = true;
            _lock?.Dispose();
        }

        _gate.Release(); // whoever waits learns that the store is closed
    }
}
