using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace PretrainedTokenizers;

/// <summary>A small file that appears whole or not at all: written beside its place, flushed, renamed, its directory flushed.</summary>
internal static partial class AtomicFile
{
    private const int MaxShownName = 64;

    /// <exception cref="IOException">The file cannot be written; one that was there is as it was.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        string fullPath = Path.GetFullPath(path);
        string directory = Path.GetDirectoryName(fullPath) ?? fullPath;
        string name = Path.GetFileName(fullPath);
        string temporary = Path.Combine(
            directory, $".{name[..Math.Min(name.Length, MaxShownName)]}.{RandomNumberGenerator.GetHexString(12, lowercase: true)}.tmp");
        try
        {
            using (var handle = File.OpenHandle(temporary, FileMode.CreateNew, FileAccess.Write, preallocationSize: content.Length))
            {
                RandomAccess.Write(handle, content, fileOffset: 0);
                RandomAccess.FlushToDisk(handle);
            }

            File.Move(temporary, fullPath, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        FlushDirectory(directory);
    }

    // .NET offers no way to make a rename durable. Where a directory cannot be opened or flushed, nothing more can be done for it.
    private static void FlushDirectory(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int descriptor = Open(directory, flags: 0);
        if (descriptor >= 0)
        {
            _ = FSync(descriptor);
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
