using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using SharedSource.IO;

namespace CheckpointStorage.IO;

/// <summary>What .NET's file API leaves out: reflinks, advice about the page cache, a sudden end.</summary>
internal static partial class NativeMethods
{
    private const int KillSignal = 9, DontNeed = 4;
    private const nuint FileClone = 0x40049409; // FICLONE

    /// <summary>Lets go of a file's clean pages, so that the next read asks the disk. Best effort, Linux only.</summary>
    public static void DropCache(SafeFileHandle file)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = Advise(file, 0, 0, DontNeed);
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
            DiskFlush.FlushFile(target); // the blocks are the source's, that they are the target's too is new
            return true;
        }

        File.Delete(to);
        return false;
    }

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

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(SafeFileHandle file, long offset, long length, int advice);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int IoControl(SafeFileHandle target, nuint request, SafeFileHandle source);
}
