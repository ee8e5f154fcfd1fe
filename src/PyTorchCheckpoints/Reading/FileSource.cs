using Microsoft.Win32.SafeHandles;
using SharedSource.IO;

namespace PyTorchCheckpoints;

/// <summary>A file on disk, read by position: no shared file pointer.</summary>
internal sealed class FileSource : ByteSource
{
    private readonly SafeFileHandle _handle;

    private FileSource(SafeFileHandle handle, string path)
    {
        _handle = handle;
        Path = path;
    }

    public override string? Path { get; }

    public override long Length => RandomAccess.GetLength(_handle);

    public static FileSource Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (SpecialFile.Describe(path) is { } what)
        {
            throw NotSeekable(what, path, null);
        }

        // FileShare.Delete lets a writer on Windows rename a new file over this one; the handle keeps the old content.
        SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        try
        {
            _ = RandomAccess.GetLength(handle);
            return new FileSource(handle, path);
        }
        catch (NotSupportedException e)
        {
            handle.Dispose();
            throw NotSeekable("a pipe or a device", path, e);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    public override int Read(Span<byte> destination, long position) => RandomAccess.Read(_handle, destination, position);

    public override void Dispose() => _handle.Dispose();

    private static NotACheckpointException NotSeekable(string what, string path, Exception? cause) => new(
        DetectedContent.NotSeekable, $"This is {what}, which has no positions to read from",
        "Write its content to a regular file first, then read that.", path, position: null, cause);
}
