using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using SharedSource.Text;

namespace SharedSource.IO;

/// <summary>
/// What makes files survive a power failure and .NET does not offer: to flush a directory, which makes a rename durable on POSIX, to
/// be told when a flush failed, and to begin it early.
/// </summary>
internal static partial class DiskFlush
{
    private const int Interrupted = 4, AccessDenied = 13, Invalid = 22, ReadOnly = 30;
    private const uint BeginWriting = 2; // SYNC_FILE_RANGE_WRITE

    private static readonly int CloseOnExec = OperatingSystem.IsMacOS() ? 0x1000000 : 0x80000;

    /// <summary>Makes a file's bytes survive a power failure. .NET's FlushToDisk returns as if it had where the disk says that it failed (10.0).</summary>
    /// <exception cref="IOException">The disk says that it failed, or is full after all.</exception>
    public static void FlushFile(SafeFileHandle file)
    {
        if (!OperatingSystem.IsWindows())
        {
            int result;
            do
            {
                result = Fsync(file);
            }
            while (result < 0 && Marshal.GetLastPInvokeError() == Interrupted);

            // What cannot be flushed, such as a device, is tolerated as .NET has it.
            if (result < 0 && Marshal.GetLastPInvokeError() is not (Invalid or ReadOnly) and int error)
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

    /// <summary>Makes the names in a directory survive a power failure. A no-op on Windows, where the rename itself does.</summary>
    /// <exception cref="IOException">The disk says that it failed, or there is no such directory.</exception>
    public static void FlushDirectory(string path)
    {
        int error = SyncDirectory(path);
        if (error != 0)
        {
            throw new IOException(
                $"The directory {Escape.Quote(path)} could not be flushed to disk: {Marshal.GetPInvokeErrorMessage(error)}. "
                + "What was written there may not survive a power failure; check the disk, then write it again.",
                error);
        }
    }

    /// <summary>As <see cref="FlushDirectory"/>, for what can be had again: where it fails, nothing more is done for it.</summary>
    /// <returns>Whether it succeeded, as far as the file system says.</returns>
    public static bool TryFlushDirectory(string path) => SyncDirectory(path) == 0;

    /// <summary>Makes a directory with all that lead to it, so that they survive a power failure.</summary>
    public static void CreateDirectory(string path)
    {
        Stack<string> made = new();
        for (string? missing = path; missing is not null && !Directory.Exists(missing); missing = Path.GetDirectoryName(missing))
        {
            made.Push(missing);
        }

        Directory.CreateDirectory(path);
        foreach (string directory in made)
        {
            FlushDirectory(Path.GetDirectoryName(directory)!);
        }
    }

    /// <summary>
    /// Lets the disk begin with what was written, so that little is left for the flush at the end. A hint; only Linux takes it.
    /// </summary>
    public static void BeginWriteback(SafeFileHandle file, long offset, long length)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SyncFileRange(file, offset, length, BeginWriting);
        }
    }

    // The system's code; 0 also for what no file system promises anything about.
    private static int SyncDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return 0;
        }

        int descriptor;
        do
        {
            descriptor = Open(path, CloseOnExec);
        }
        while (descriptor < 0 && Marshal.GetLastPInvokeError() == Interrupted);

        if (descriptor < 0)
        {
            // One that may be written to but not listed: the names stand, and nothing more can be done for them.
            return Marshal.GetLastPInvokeError() is not AccessDenied and int error ? error : 0;
        }

        try
        {
            int result;
            do
            {
                result = Fsync(descriptor);
            }
            while (result < 0 && Marshal.GetLastPInvokeError() == Interrupted);

            return result < 0 && Marshal.GetLastPInvokeError() is not Invalid and int error ? error : 0;
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    // Variadic in C, which matters only to the third argument, which is not passed.
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "sync_file_range")]
    private static partial int SyncFileRange(SafeFileHandle file, long offset, long length, uint flags);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
