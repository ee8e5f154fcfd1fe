using Microsoft.Win32.SafeHandles;
using SharedSource.IO;

namespace CheckpointStorage.IO;

/// <summary>The machine's own file system.</summary>
internal sealed class PhysicalFileSystem : IStoreFileSystem
{
    public static PhysicalFileSystem Instance { get; } = new();

    public IDisposable? TryLock(string path, string owner, out string holder) => FileLock.TryTake(path, owner, out holder);

    public void CreateDirectories(string path) => DiskFlush.CreateDirectory(path);

    public void CreateDirectory(string path) => Directory.CreateDirectory(path);

    public IStoreFileWriter CreateFile(string path) =>
        new Writer(File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read));

    public IStoreFileReader OpenFile(string path, bool fromDisk = false)
    {
        var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, FileOptions.SequentialScan);
        if (fromDisk)
        {
            NativeMethods.DropCache(handle);
        }

        return new Reader(handle);
    }

    public void FlushDirectory(string path) => DiskFlush.FlushDirectory(path);

    public void MoveDirectory(string from, string to) => Directory.Move(from, to);

    public void ReplaceFile(string from, string to) => File.Move(from, to, overwrite: true);

    public void DeleteFile(string path) => File.Delete(path);

    public void DeleteDirectory(string path) => Directory.Delete(path, recursive: false);

    public IReadOnlyList<StoreEntry> Enumerate(string path)
    {
        try
        {
            return [.. new DirectoryInfo(path).EnumerateFileSystemInfos().Select(Describe)];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    public StoreEntry? Find(string path)
    {
        var file = new FileInfo(path);
        if (file.Exists)
        {
            return Describe(file);
        }

        var directory = new DirectoryInfo(path);
        return directory.Exists ? Describe(directory) : null;
    }

    public bool TryClone(string from, string to) => NativeMethods.TryClone(from, to);

    public bool TryLink(string from, string to) => HardLink.TryCreate(from, to);

    public long? AvailableBytes(string path) => FreeSpace.Of(path);

    // Lengths are asked for by following a link: a link to a file counts as the file, one to a directory as nothing.
    private static StoreEntry Describe(FileSystemInfo info)
    {
        bool isLink = info.LinkTarget is not null;
        if (info is DirectoryInfo)
        {
            return new StoreEntry(info.Name, !isLink, 0);
        }

        FileSystemInfo? target = isLink ? info.ResolveLinkTarget(returnFinalTarget: true) : info;
        return new StoreEntry(info.Name, false, target is FileInfo { Exists: true } file ? file.Length : 0);
    }

    private sealed class Writer(SafeFileHandle handle) : IStoreFileWriter
    {
        private long _position;

        public void Write(ReadOnlySpan<byte> bytes)
        {
            try
            {
                RandomAccess.Write(handle, bytes, _position);
            }
            catch (ArgumentOutOfRangeException e)
            {
                throw new IOException("The file is larger than the file system or a limit of this user allows", e); // EFBIG, in .NET's words
            }

            DiskFlush.BeginWriteback(handle, _position, bytes.Length); // so that the flush finds little left to do
            _position += bytes.Length;
        }

        public void Flush() => DiskFlush.FlushFile(handle);

        public void Dispose() => handle.Dispose();
    }

    private sealed class Reader(SafeFileHandle handle) : IStoreFileReader
    {
        public long Length => RandomAccess.GetLength(handle);

        public int Read(Span<byte> buffer, long offset) => RandomAccess.Read(handle, buffer, offset);

        public void Dispose() => handle.Dispose();
    }
}
