using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace SafeTensorSharp;

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
    public static AtomicFile Create(string path, long length, bool flush)
    {
        string fullPath = System.IO.Path.GetFullPath(path);
        string name = System.IO.Path.GetFileName(fullPath);
        string suffix = RandomNumberGenerator.GetHexString(12, lowercase: true);
        string temporary = System.IO.Path.Combine(
            Directory(fullPath), string.Create(CultureInfo.InvariantCulture, $".{name[..Math.Min(name.Length, MaxShownName)]}.{suffix}.tmp"));
        SafeFileHandle handle = File.OpenHandle(
            temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.None, preallocationSize: length);
        return new AtomicFile(fullPath, temporary, handle, flush);
    }

    /// <summary>Brings the content to the disk and closes the temporary file.</summary>
    public void Complete()
    {
        if (_flush)
        {
            RandomAccess.FlushToDisk(Handle);
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
            NativeFileSystem.FlushDirectory(Directory(Path));
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

    private static string Directory(string fullPath) => System.IO.Path.GetDirectoryName(fullPath) ?? fullPath;
}
