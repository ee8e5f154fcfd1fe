using Importer.IO;
using Microsoft.Win32.SafeHandles;

namespace Importer.Training.Events;

/// <summary>
/// Appends lines to a file, each with one write. What a full disk does not take waits in memory and is written with the next line, in
/// its place.
/// </summary>
internal sealed class LineAppender : IDisposable
{
    // Some 50,000 lines: a disk that has been full for that long is not going to be emptied.
    private const long MaxUnwritten = 16 << 20;

    private readonly SafeFileHandle _handle;
    private readonly List<byte[]> _unwritten = [];
    private readonly Action<IOException> _failed;
    private readonly Action<SafeFileHandle, byte[], long> _write;

    /// <param name="path">The file; made where it is not there.</param>
    /// <param name="length">Where to append; what is behind it goes.</param>
    /// <param name="failed">Told of a write that failed, and is tried again later.</param>
    /// <param name="write">Writes bytes at a place; null for the file system.</param>
    public LineAppender(string path, long length, Action<IOException> failed, Action<SafeFileHandle, byte[], long>? write = null)
    {
        _failed = failed;
        _write = write ?? ((handle, bytes, offset) => RandomAccess.Write(handle, bytes, offset));
        _handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        try
        {
            RandomAccess.SetLength(_handle, length);
            Length = length;
        }
        catch
        {
            _handle.Dispose();
            throw;
        }
    }

    /// <summary>The length of what is written.</summary>
    public long Length { get; private set; }

    /// <summary>Lines that are not written yet.</summary>
    public IReadOnlyList<byte[]> Unwritten => _unwritten;

    /// <summary>Writes a line, and before it those that could not be written.</summary>
    /// <exception cref="IOException">Too much waits for a disk that takes nothing.</exception>
    public void Append(byte[] line)
    {
        _unwritten.Add(line);
        byte[] bytes = _unwritten.Count == 1 ? line : [.. _unwritten.SelectMany(item => item)];
        try
        {
            _write(_handle, bytes, Length);
            Length += bytes.Length;
            _unwritten.Clear();
        }
        catch (IOException e) when (bytes.Length <= MaxUnwritten)
        {
            CutTo(Length);
            _failed(e);
        }
    }

    /// <summary>Waits until what is written is on the disk.</summary>
    public void Flush()
    {
        try
        {
            DurableFileSystem.FlushFile(_handle);
        }
        catch (IOException e)
        {
            _failed(e);
        }
    }

    public void Dispose() => _handle.Dispose();

    // Half a line that stays is one that a reader leaves out, and that the next write goes over.
    private void CutTo(long length)
    {
        try
        {
            RandomAccess.SetLength(_handle, length);
        }
        catch (IOException)
        {
        }
    }
}
