using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using static System.FormattableString;

namespace PyTorchCheckpoints;

/// <summary>
/// A file that appears whole or not at all: written beside its place under a temporary name, flushed, then renamed. Whatever happens
/// before the rename, what was there stays there, also for those who read it.
/// </summary>
internal sealed class AtomicFile : IDisposable
{
    private const int MaxShownName = 64;

    private readonly string _temporaryPath;
    private readonly bool _flush;
    private bool _published;

    private AtomicFile(string path, string temporaryPath, SafeFileHandle handle, bool flush)
    {
        Path = path;
        _temporaryPath = temporaryPath;
        Handle = handle;
        _flush = flush;
    }

    /// <summary>The full path of the file to be.</summary>
    public string Path { get; }

    public SafeFileHandle Handle { get; }

    /// <summary>Creates the temporary file and reserves its space, so that a full disk is noticed before anything is written.</summary>
    /// <exception cref="IOException">There is not enough space, or the file cannot be created.</exception>
    public static AtomicFile Create(string path, long length, bool flush)
    {
        string fullPath = System.IO.Path.GetFullPath(path), directory = DirectoryOf(fullPath);
        if (FreeSpace(directory) is { } free && free < length)
        {
            throw new IOException(Invariant(
                $"Not enough space for {Escape.Quote(fullPath)}: {length:N0} bytes are needed and {free:N0} are free. Free some, or write elsewhere."));
        }

        string name = System.IO.Path.GetFileName(fullPath), suffix = RandomNumberGenerator.GetHexString(12, lowercase: true);
        string temporary = System.IO.Path.Combine(
            directory, string.Create(CultureInfo.InvariantCulture, $".{name[..Math.Min(name.Length, MaxShownName)]}.{suffix}.tmp"));
        SafeFileHandle handle = File.OpenHandle(
            temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.None, preallocationSize: length);
        return new AtomicFile(fullPath, temporary, handle, flush);
    }

    /// <summary>Brings the content to the disk and gives the file its name.</summary>
    public void Publish(bool overwrite)
    {
        if (_flush)
        {
            NativeFileSystem.FlushFile(Handle);
        }

        Handle.Dispose();
        File.Move(_temporaryPath, Path, overwrite);
        _published = true;
        if (_flush)
        {
            NativeFileSystem.FlushDirectory(DirectoryOf(Path));
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
                File.Delete(_temporaryPath);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Most likely on the way out with the exception that matters; the name tells what the leftover is.
            }
        }
    }

    // Reserving alone would tell it too, but some file systems take all that is left before they give up, and others starve meanwhile.
    private static long? FreeSpace(string directory)
    {
        try
        {
            return new DriveInfo(directory).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // A share or a missing directory: creating the file will tell.
            return null;
        }
    }

    private static string DirectoryOf(string fullPath) => System.IO.Path.GetDirectoryName(fullPath) ?? fullPath;
}
