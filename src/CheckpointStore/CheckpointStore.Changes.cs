using System.Diagnostics;
using CheckpointStorage.Backups;
using CheckpointStorage.IO;
using CheckpointStorage.Saving;
using CheckpointStorage.Verification;

namespace CheckpointStorage;

/// <content>What changes the directory.</content>
public sealed partial class CheckpointStore
{
    /// <summary>
    /// Saves a checkpoint: written aside and flushed, renamed into place, read back from the disk, then pointed to; old ones are removed
    /// last. All of it happens on threads of the pool, so that a caller who holds a snapshot may go on and await the task later.
    /// </summary>
    /// <remarks>
    /// When the returned task has completed the checkpoint survives a crash of the process, of the machine, or of its power. When it
    /// fails or is cancelled nothing of the new checkpoint is left and the old ones are as they were. What is not read back as it was
    /// written is discarded and written once more, so that the content's callbacks may be called twice.
    /// </remarks>
    /// <param name="content">What to save.</param>
    /// <param name="progress">Told of stages and of every megabyte.</param>
    /// <param name="pace">Makes it rest for most of its time; null, the default, for as fast as it goes.</param>
    /// <param name="cancellationToken">Ends the save, up to the end of the verification.</param>
    /// <exception cref="ArgumentException">The content has no files, or two of one name, or metadata that JSON cannot hold.</exception>
    /// <exception cref="InvalidOperationException">The store was opened to read.</exception>
    /// <exception cref="CheckpointSaveException">It could not be saved: the stage, the file and the cause are in it.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Task<CheckpointSaveResult> SaveAsync(
        CheckpointContent content,
        IProgress<CheckpointSaveProgress>? progress = null,
        SavePace? pace = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        RequireWritable();
        ContentSnapshot snapshot = content.Snapshot();
        long started = Stopwatch.GetTimestamp();
        return Task.Run(
            async () =>
            {
                await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
                try
                {
                    ObjectDisposedException.ThrowIf(_disposed, this);
                    return await new CheckpointSaver(_store).SaveAsync(snapshot, started, progress, pace, cancellationToken).ConfigureAwait(false);
                }
                finally
                {
                    _gate.Release();
                }
            },
            cancellationToken);
    }

    /// <summary>Removes what no rule keeps where the process that saved was killed before it did; nothing where another is newer.</summary>
    /// <param name="verified">The newest checkpoint, every byte of which was read.</param>
    internal IReadOnlyList<string> Rotate(CheckpointInfo verified)
    {
        RequireWritable();
        string[] removed = [];
        Change(verified, "remove old ones beside it", _ =>
        {
            List<CheckpointInfo> all = _store.Scan();
            removed = all[0].Id == verified.Id
                ? Retention.Rotator.Rotate(_store, Retention.RetentionPlan.Removable(all, verified, _store.Options.Retention, _store.Options.MetricOrder))
                : [];
        });
        return removed;
    }

    /// <summary>Copies a checkpoint to <c>backups/</c> and verifies the copy; one that is there already and is whole is left as it is.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="cancellationToken">Ends the copying; nothing of it stays.</param>
    /// <returns>The backup; its path can be resumed from.</returns>
    /// <exception cref="InvalidOperationException">The store was opened to read.</exception>
    /// <exception cref="CheckpointDamagedException">The checkpoint is damaged; it was not backed up.</exception>
    /// <exception cref="CheckpointIOException">The disk is full, or refuses.</exception>
    public Task<CheckpointInfo> BackupAsync(CheckpointInfo checkpoint, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        RequireWritable();
        return ExclusiveAsync(
            () => Guard(_store.Backups, "back up there", () => BackupMaker.Make(_store, checkpoint, cancellationToken)), cancellationToken);
    }

    /// <summary>
    /// Keeps rotation away from a checkpoint, also while another process writes there: of a store that was opened to read, too.
    /// </summary>
    /// <param name="checkpoint">A checkpoint of this store.</param>
    /// <exception cref="CheckpointNotFoundException">It was removed meanwhile.</exception>
    /// <exception cref="CheckpointIOException">The disk refuses.</exception>
    public void Pin(CheckpointInfo checkpoint) => Mark(checkpoint, "pin it", (directory, mark) =>
    {
        if (_store.Files.Find(mark) is null)
        {
            _store.WriteSmall(mark, []);
            _store.Files.FlushDirectory(directory);
        }
    });

    /// <summary>Lets rotation remove a checkpoint again.</summary>
    /// <inheritdoc cref="Pin"/>
    public void Unpin(CheckpointInfo checkpoint) => Mark(checkpoint, "unpin it", (directory, mark) =>
    {
        if (_store.Files.Find(mark) is not null)
        {
            _store.Files.DeleteFile(mark);
            _store.Files.FlushDirectory(directory);
        }
    });

    /// <summary>Removes a checkpoint for good, pinned or not, also the last one. Pointers are set right before.</summary>
    /// <param name="checkpoint">A checkpoint of this store, or one of its backups.</param>
    /// <exception cref="InvalidOperationException">The store was opened to read.</exception>
    /// <exception cref="CheckpointIOException">The disk refuses.</exception>
    public void Remove(CheckpointInfo checkpoint) => Change(checkpoint, "remove it", directory =>
    {
        _store.WritePointersOrNone(_store.Scan().FindAll(info => info.Directory != directory));
        _store.Discard(directory);
    });

    /// <summary>Puts a checkpoint aside as <c>.corrupt-ID</c>, because its owner cannot use it although its bytes are right.</summary>
    /// <param name="checkpoint">A checkpoint of this store.</param>
    /// <param name="reason">Why; kept with it.</param>
    /// <returns>Its new path.</returns>
    /// <exception cref="InvalidOperationException">The store was opened to read.</exception>
    /// <exception cref="CheckpointIOException">The disk refuses.</exception>
    public string PutAside(CheckpointInfo checkpoint, string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        string path = "";
        Change(checkpoint, "put it aside", directory =>
        {
            _store.WritePointersOrNone(_store.Scan().FindAll(info => info.Directory != directory));
            path = Quarantine.Put(_store, checkpoint, reason);
        });
        return path;
    }

    /// <summary>
    /// Whether the checkpoints of a run will fit on the disk: <c>(kept + 2) × size</c> against what is free and what will become free,
    /// where kept is the last and the best of the retention and those that stay for good, and 2 are the one being written and one to spare.
    /// </summary>
    /// <param name="checkpointBytes">The size of one checkpoint; an estimate.</param>
    /// <param name="plannedSaves">How many will be saved. <value>The default, null, is as many as the retention keeps.</value></param>
    /// <param name="plannedForGood">How many of them <see cref="RetentionPolicy.KeepEvery"/> will keep. <value>The default is 0.</value></param>
    /// <exception cref="InsufficientDiskSpaceException">They will not, and <see cref="CheckpointStoreOptions.DiskCheck"/> is <see cref="DiskCheck.Error"/>.</exception>
    /// <exception cref="CheckpointIOException">The directory may not be read.</exception>
    public DiskSpaceReport CheckDiskSpace(long checkpointBytes, int? plannedSaves = null, int plannedForGood = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(checkpointBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(plannedForGood);
        DiskSpaceReport report = Guard(Directory, "measure it", () =>
        {
            RetentionPolicy retention = _store.Options.Retention;
            long kept = retention.KeepLast is { } last ? (long)last + retention.KeepBest + plannedForGood : plannedSaves ?? 1;
            int most = (int)Math.Min(Math.Min(kept, plannedSaves ?? kept) + 2, int.MaxValue);
            long recoverable = _store.Scan().Where(info => !retention.KeepsForGood(info)).Sum(info => info.TotalBytes);
            Int128 bytes = Int128.Max(((Int128)checkpointBytes * most) - recoverable, checkpointBytes);
            long required = (long)Int128.Min(bytes, long.MaxValue);
            return new DiskSpaceReport(required, _store.Options.DiskCheck == DiskCheck.Off ? null : _store.Files.AvailableBytes(Directory), most);
        });
        if (!report.IsEnough)
        {
            var shortage = new InsufficientDiskSpaceException(Directory, report);
            if (_store.Options.DiskCheck == DiskCheck.Error)
            {
                throw shortage;
            }

            Log.Warned(_store.Logger, shortage.Message);
        }

        return report;
    }

    private void RequireWritable()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!CanWrite)
        {
            throw new InvalidOperationException($"The store was opened to read. Use {nameof(CheckpointStore)}.{nameof(Open)} to write.");
        }
    }

    // A mark is one file, which rotation looks for once more when it has taken a checkpoint out of sight: nobody needs to wait.
    private void Mark(CheckpointInfo checkpoint, string operation, Action<string, string> action)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        RequireOwn(checkpoint);
        string directory = checkpoint.Directory;
        Guard(directory, operation, () =>
        {
            try
            {
                action(directory, Path.Combine(directory, StoreNames.PinMark));
            }
            catch (IOException) when (_store.Files.Find(directory) is null)
            {
            }

            return _store.Files.Find(directory) is not null
                ? 0
                : throw CheckpointNotFoundException.Checkpoint(Directory, checkpoint.Id, "it was removed meanwhile", _store.Scan());
        });
    }

    private void Change(CheckpointInfo checkpoint, string operation, Action<string> action)
    {
        RequireWritable();
        RequireOwn(checkpoint);
        _gate.Wait();
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            Guard(checkpoint.Directory, operation, () =>
            {
                action(checkpoint.Directory);
                return 0;
            });
        }
        finally
        {
            _gate.Release();
        }
    }

    private void RequireOwn(CheckpointInfo checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        string? parent = Path.GetDirectoryName(checkpoint.Directory);
        if (parent != Directory && parent != _store.Backups)
        {
            throw new ArgumentException($"{checkpoint.Id} is not in this store.", nameof(checkpoint));
        }
    }
}
