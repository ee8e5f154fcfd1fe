using Microsoft.Win32.SafeHandles;
using SharedSource.IO;

namespace SafeTensorSharp;

/// <summary>A file on disk, read by position: no shared file pointer, so any number of threads may read at once.</summary>
internal sealed class FileSource : ByteSource
{
    private readonly bool _owned;

    private FileSource(SafeFileHandle handle, string? path, bool owned)
    {
        Handle = handle;
        Path = path;
        _owned = owned;
    }

    public SafeFileHandle Handle { get; }

    public override string? Path { get; }

    public override long Length => RandomAccess.GetLength(Handle);

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
            return Checked(new FileSource(handle, path, owned: true));
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    public static FileSource Borrow(SafeFileHandle handle, string? path) => Checked(new FileSource(handle, path, owned: false));

    public override int Read(Span<byte> destination, long position) => RandomAccess.Read(Handle, destination, position);

    public override ValueTask<int> ReadAsync(Memory<byte> destination, long position, CancellationToken cancellationToken) =>
        RandomAccess.ReadAsync(Handle, destination, position, cancellationToken);

    public override void Dispose()
    {
        if (_owned)
        {
            Handle.Dispose();
        }
    }

    private static FileSource Checked(FileSource source)
    {
        try
        {
            _ = source.Length;
            return source;
        }
        catch (NotSupportedException e)
        {
            throw NotSeekable("a pipe or a device", source.Path, e);
        }
    }

    private static NotSafeTensorsException NotSeekable(string what, string? path, Exception? cause) => new(
        DetectedFormat.NotSeekable,
        $"This is {what}, which has no positions to read from",
        "Write its content to a regular file first, then read that.",
        path,
        cause);
}
