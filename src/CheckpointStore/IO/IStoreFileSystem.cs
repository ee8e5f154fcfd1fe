namespace CheckpointStorage.IO;

/// <summary>
/// What the store asks of a file system, one durable step at a time: nothing survives a power failure before it is flushed,
/// neither a file's bytes nor a directory's names. Errors are those of System.IO.
/// </summary>
internal interface IStoreFileSystem
{
    /// <summary>Takes the lock of a directory, or says who has it.</summary>
    /// <param name="path">The lock file; made if need be, and never removed.</param>
    /// <param name="owner">What others are to read about the owner.</param>
    /// <param name="holder">Where the lock is held: what its owner wrote, perhaps nothing.</param>
    /// <returns>The lock until it is disposed; null where another holds it.</returns>
    IDisposable? TryLock(string path, string owner, out string holder);

    /// <summary>Makes a directory with all that lead to it, durably.</summary>
    void CreateDirectories(string path);

    /// <summary>Makes one directory in one that exists; its name is not durable yet.</summary>
    void CreateDirectory(string path);

    /// <summary>Makes a file that must not exist.</summary>
    IStoreFileWriter CreateFile(string path);

    /// <summary>Opens a file to be read.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fromDisk">Whether from the disk rather than from the cache, where that can be asked for.</param>
    IStoreFileReader OpenFile(string path, bool fromDisk = false);

    /// <summary>Makes the names in a directory durable.</summary>
    void FlushDirectory(string path);

    /// <summary>Renames a directory to a name that must be free, in one step.</summary>
    void MoveDirectory(string from, string to);

    /// <summary>Renames a file, in one step, over what is there.</summary>
    void ReplaceFile(string from, string to);

    /// <summary>Removes a file or a link.</summary>
    void DeleteFile(string path);

    /// <summary>Removes an empty directory.</summary>
    void DeleteDirectory(string path);

    /// <summary>What a directory holds, in no order; nothing where it does not exist.</summary>
    IReadOnlyList<StoreEntry> Enumerate(string path);

    /// <summary>What is at a path; null where nothing is.</summary>
    StoreEntry? Find(string path);

    /// <summary>Makes a new file that shares another's blocks until either is written to (a reflink), durably, where the file system can.</summary>
    bool TryClone(string from, string to);

    /// <summary>Gives a file a second name, where the file system can.</summary>
    bool TryLink(string from, string to);

    /// <summary>Bytes that this user may still write in a directory, there or to be made; null where the file system does not say.</summary>
    long? AvailableBytes(string path);
}
