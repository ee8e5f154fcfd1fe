using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace SafeTensorSharp;

/// <summary>What .NET does not offer: flushing a directory, which makes a rename durable on POSIX, and writing back early.</summary>
internal static partial class NativeFileSystem
{
    private const uint SyncFileRangeWrite = 2;
    private const int Eintr = 4;
    private const int Eacces = 13;
    private const int Einval = 22;

    /// <summary>Flushes a directory's entries to disk; nothing to do on Windows, whose file systems journal them.</summary>
    public static void FlushDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int descriptor = Retry(() => Open(path, flags: 0));
        if (descriptor < 0)
        {
            // A directory that may be written to but not listed: the rename stands, and nothing more can be done for it.
            if (Marshal.GetLastPInvokeError() == Eacces)
            {
                return;
            }

            throw Error(path);
        }

        try
        {
            // EINVAL: a file system that cannot flush directories, and so promises nothing about them.
            if (Retry(() => FSync(descriptor)) < 0 && Marshal.GetLastPInvokeError() != Einval)
            {
                throw Error(path);
            }
        }
        finally
        {
            _ = Close(descriptor);
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

    /// <summary>
    /// Lets the disk begin with what was written, so that little is left for the flush at the end. A hint; only Linux takes it.
    /// </summary>
    public static void BeginWriteback(SafeFileHandle file, long offset, long length)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SyncFileRange(file, offset, length, SyncFileRangeWrite);
        }
    }

    private static int Retry(Func<int> call)
    {
        int result;
        do
        {
            result = call();
        }
        while (result < 0 && Marshal.GetLastPInvokeError() == Eintr);

        return result;
    }

    private static IOException Error(string path)
    {
        int error = Marshal.GetLastPInvokeError();
        return new IOException(
            $"The directory {Escape.Quote(path)} could not be flushed to disk: {Marshal.GetPInvokeErrorMessage(error)}. "
            + "The file is in place but may not survive a power failure; check the disk, then write again.",
            error);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "sync_file_range")]
    private static partial int SyncFileRange(SafeFileHandle file, long offset, long length, uint flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
