using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace CheckpointStorage.IO;

/// <summary>What .NET's file API leaves out: directory flush, reflinks, hard links, advice about the page cache.</summary>
internal static partial class NativeMethods
{
    private const int Interrupted = 4, AccessDenied = 13, Invalid = 22, ReadOnly = 30;
    private const int KillSignal = 9, DontNeed = 4;
    private const uint BeginWriting = 2; // SYNC_FILE_RANGE_WRITE
    private const nuint FileClone = 0x40049409; // FICLONE

    private static readonly int CloseOnExec = OperatingSystem.IsMacOS() ? 0x1000000 : 0x80000;

    /// <summary>Makes the names in a directory survive a power failure. A no-op on Windows, where the rename itself does.</summary>
    /// <exception cref="IOException">The disk says that it failed.</exception>
    public static void FlushDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int descriptor;
        do
        {
            descriptor = Open(path, CloseOnExec);
        }
        while (descriptor < 0 && Marshal.GetLastPInvokeError() == Interrupted);

        if (descriptor < 0)
        {
            ThrowUnless(path, AccessDenied); // one that may be written to but not listed: nothing more can be done for its names
            return;
        }

        try
        {
            int result;
            do
            {
                result = Fsync(descriptor);
            }
            while (result < 0 && Marshal.GetLastPInvokeError() == Interrupted);

            if (result < 0)
            {
                ThrowUnless(path, Invalid); // a file system that cannot flush directories, and so promises nothing about them
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

    /// <summary>Lets go of a file's clean pages, so that the next read asks the disk. Best effort, Linux only.</summary>
    public static void DropCache(SafeFileHandle file)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = Advise(file, 0, 0, DontNeed);
        }
    }

    /// <summary>Lets the kernel begin to write a stretch of a file to the disk, without waiting for it. Linux only.</summary>
    public static void BeginWriteback(SafeFileHandle file, long offset, long count)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SyncFileRange(file, offset, count, BeginWriting);
        }
    }

    /// <summary>A new file with another's blocks, copied when written to; btrfs, XFS and their like can.</summary>
    public static bool TryClone(string from, string to)
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        using SafeFileHandle source = File.OpenHandle(from);
        using SafeFileHandle target = File.OpenHandle(to, FileMode.CreateNew, FileAccess.Write);
        if (IoControl(target, FileClone, source) == 0)
        {
            FlushFile(target); // the blocks are the source's, that they are the target's too is new
            return true;
        }

        File.Delete(to);
        return false;
    }

    /// <summary>A second name for a file.</summary>
    /// <returns>Whether it worked; not across file systems, and not on every one.</returns>
    public static bool TryLink(string from, string to) =>
        OperatingSystem.IsWindows() ? CreateHardLink(to, from, 0) : Link(from, to) == 0;

    /// <summary>Ends this process as a crash would: no handler, no finally, no buffer runs.</summary>
    public static void KillSelf()
    {
        if (OperatingSystem.IsWindows())
        {
            using var self = System.Diagnostics.Process.GetCurrentProcess();
            self.Kill();
        }
        else
        {
            _ = Kill(Environment.ProcessId, KillSignal);
        }

        Thread.Sleep(Timeout.Infinite); // the signal is on its way
    }

    private static void ThrowUnless(string path, int tolerated)
    {
        int error = Marshal.GetLastPInvokeError();
        if (error != tolerated)
        {
            throw new IOException(
                $"The directory {DisplayText.Escape(path)} could not be flushed to disk: {Marshal.GetPInvokeErrorMessage(error)}", error);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(SafeFileHandle file, long offset, long length, int advice);

    [LibraryImport("libc", EntryPoint = "sync_file_range")]
    private static partial int SyncFileRange(SafeFileHandle file, long offset, long count, uint flags);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int IoControl(SafeFileHandle target, nuint request, SafeFileHandle source);

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string link);

    [LibraryImport("kernel32", EntryPoint = "CreateHardLinkW", StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool CreateHardLink(string link, string existing, nint security);
}
