using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using SharedSource.Text;
using static System.FormattableString;

namespace SharedSource.IO;

/// <summary>
/// A file that appears whole or not at all: written beside its place under a temporary name, flushed, then renamed. Whatever happens
/// before the rename, what was there stays there; replacing by a new name also leaves those undisturbed who have the old file mapped.
/// </summary>
internal sealed class AtomicFile : IDisposable
{
    private const int MaxShownName = 64;

    private readonly bool _flush;
    private bool _published;

    private AtomicFile(string path, string temporaryPath, SafeFileHandle handle, bool flush)
    {
        Path = path;
        TemporaryPath = temporaryPath;
        Handle = handle;
        _flush = flush;
    }

    /// <summary>The full path of the file to be.</summary>
    public string Path { get; }

    /// <summary>Where it is until it is published.</summary>
    public string TemporaryPath { get; }

    public SafeFileHandle Handle { get; }

    /// <summary>Creates the temporary file and reserves its space, so that a full disk is noticed before anything is written.</summary>
    /// <exception cref="IOException">There is not enough space, or the file cannot be created.</exception>
    public static AtomicFile Create(string path, long length, bool flush)
    {
        string fullPath = System.IO.Path.GetFullPath(path);
        string name = System.IO.Path.GetFileName(fullPath);
        RequireSpace(fullPath, length);
        string suffix = RandomNumberGenerator.GetHexString(12, lowercase: true);
        string temporary = System.IO.Path.Combine(
            Directory(fullPath),
            string.Create(CultureInfo.InvariantCulture, $".{name[..Math.Min(name.Length, MaxShownName)]}.{suffix}.tmp"));
        return new AtomicFile(fullPath, temporary, Reserve(temporary, fullPath, length), flush);
    }

    /// <summary>Writes a whole file, in place of one that may be there.</summary>
    /// <exception cref="IOException">It cannot be written; what was there is there still.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        using AtomicFile file = Create(path, content.Length, flush: true);
        RandomAccess.Write(file.Handle, content, fileOffset: 0);
        file.Complete();
        file.Publish(overwrite: true);
    }

    /// <inheritdoc cref="Write(string, ReadOnlySpan{byte})"/>
    /// <param name="path">The file.</param>
    /// <param name="write">Writes its content, of any length.</param>
    public static void Write(string path, Action<Stream> write)
    {
        using AtomicFile file = Create(path, length: 0, flush: true);
        using (FileStream stream = new(file.Handle, FileAccess.Write))
        {
            write(stream);
            stream.Flush();
            file.Complete();
        }

        file.Publish(overwrite: true);
    }

    /// <summary>Brings the content to the disk and closes the temporary file.</summary>
    public void Complete()
    {
        if (_flush)
        {
            DiskFlush.FlushFile(Handle);
        }

        Handle.Dispose();
    }

    /// <summary>Gives the completed file its name.</summary>
    public void Publish(bool overwrite)
    {
        File.Move(TemporaryPath, Path, overwrite);
        _published = true;
        if (_flush)
        {
            DiskFlush.FlushDirectory(Directory(Path));
        }
    }

    /// <summary>Removes the temporary file unless it was published.</summary>
    public void Dispose()
    {
        Handle.Dispose();
        if (!_published)
        {
            try
            {
                File.Delete(TemporaryPath);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Most likely on the way out with the exception that matters; the name tells what the leftover is.
            }
        }
    }

    // .NET reports a file that cannot be reserved without the system's code, by which callers know a full disk.
    private static SafeFileHandle Reserve(string temporary, string fullPath, long length)
    {
        const int noCode = unchecked((int)0x80131620); // COR_E_IO
        try
        {
            return File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileOptions.None, preallocationSize: length);
        }
        catch (IOException e) when (e.HResult == noCode)
        {
            throw new IOException(
                Invariant($"{length:N0} bytes could not be reserved for {Escape.Quote(fullPath)}: the disk is full, or holds no file of that size. ")
                + "Free some, or write elsewhere.",
                FreeSpace.ExhaustedCode);
        }
    }

    // Reserving alone would tell it too, but some file systems take all that is left before they give up, and others starve meanwhile.
    private static void RequireSpace(string fullPath, long length)
    {
        if (length > 0 && FreeSpace.Of(Directory(fullPath)) is { } free && free < length)
        {
            throw new IOException(
                Invariant($"Not enough space for {Escape.Quote(fullPath)}: {length:N0} bytes are needed and {free:N0} are free. ")
                + "Free some, or write elsewhere.",
                FreeSpace.ExhaustedCode);
        }
    }

    private static string Directory(string fullPath) => System.IO.Path.GetDirectoryName(fullPath) ?? fullPath;
}
