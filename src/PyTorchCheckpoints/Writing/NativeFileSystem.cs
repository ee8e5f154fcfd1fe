using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace PyTorchCheckpoints;

/// <summary>What .NET does not offer: flushing a directory, which makes a rename durable on POSIX, and writing back early.</summary>
internal static partial class NativeFileSystem
{
    private const uint WriteRange = 2;
    private const int Interrupted = 4;
    private const int NotPermitted = 13;
    private const int NotSupported = 22;

    /// <summary>Brings a directory's entries to the disk. Windows' file systems journal them, so there is nothing to do.</summary>
    public static void FlushDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int directory;
        do
        {
            directory = Open(path, flags: 0);
        }
        while (directory < 0 && Marshal.GetLastPInvokeError() == Interrupted);

        int error = directory < 0 ? Marshal.GetLastPInvokeError() : 0;
        if (directory >= 0)
        {
            while (Synchronize(directory) < 0 && (error = Marshal.GetLastPInvokeError()) == Interrupted)
            {
                error = 0;
            }

            _ = Close(directory);
        }

        // One may write into a directory that one may not list, and some file systems cannot flush directories: the rename stands.
        if (error is not (0 or NotPermitted or NotSupported))
        {
            throw new IOException(
                $"The directory {Escape.Quote(path)} could not be flushed to disk: {Marshal.GetPInvokeErrorMessage(error)}. "
                + "The file is in place but may not survive a power failure; check the disk, then write again.",
                error);
        }
    }

    /// <summary>Makes a file's bytes survive a power failure. .NET's FlushToDisk returns as if it had where the disk says that it failed (10.0).</summary>
    /// <exception cref="IOException">The disk says that it failed, or is full after all.</exception>
    public static void FlushFile(SafeFileHandle file)
    {
        const int interrupted = 4, invalid = 22, readOnly = 30;
        if (!OperatingSystem.IsWindows())
        {
            int result;
            do
            {
                result = Synchronize(file);
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

    /// <summary>
    /// Lets the disk begin with what was written, so that little is left for the flush at the end. A hint; only Linux takes it.
    /// </summary>
    public static void BeginWriteback(SafeFileHandle file, long offset, long length)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SyncFileRange(file, offset, length, WriteRange);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Synchronize(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Synchronize(int descriptor);

    [LibraryImport("libc", EntryPoint = "sync_file_range")]
    private static partial int SyncFileRange(SafeFileHandle file, long offset, long length, uint flags);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
