using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

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
                FlushFile(handle);
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

    /// <summary>Makes a file's bytes survive a power failure. .NET's FlushToDisk returns as if it had where the disk says that it failed (10.0).</summary>
    /// <exception cref="IOException">The disk says that it failed, or is full after all.</exception>
    private static void FlushFile(SafeFileHandle file)
    {
        const int interrupted = 4, invalid = 22, readOnly = 30;
        if (!OperatingSystem.IsWindows())
        {
            int result;
            do
            {
                result = FSync(file);
            }
            while (result < 0 && Marshal.GetLastPInvokeError() == interrupted);

            // What cannot be flushed, such as a device, is tolerated as .NET has it.
            if (result < 0 && Marshal.GetLastPInvokeError() is not (invalid or readOnly) and int error)
            {
                throw new IOException($"The file could not be flushed to disk: {Marshal.GetPInvokeErrorMessage(error)}", error);
            }

            if (!OperatingSystem.IsMacOS())
            {
                return;
            }
        }

        RandomAccess.FlushToDisk(file); // on macOS also through the drive's own cache
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

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
