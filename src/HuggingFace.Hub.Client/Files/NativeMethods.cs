using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace HuggingFace.Hub.Client;

/// <summary>What .NET does not offer: flushing a directory, and hard links.</summary>
internal static partial class NativeMethods
{
    private const int OpenReadOnly = 0;
    private const uint SyncFileRangeWrite = 2;
    private const int CurrentDirectory = -100;
    private const uint StatXBlocks = 0x400;

    /// <summary>Makes renames in a directory survive a power cut. Best effort: some file systems refuse it.</summary>
    public static void FlushDirectory(string directory)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int descriptor = Open(directory, OpenReadOnly);
        if (descriptor >= 0)
        {
            _ = FSync(descriptor);
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
    /// Lets the kernel begin to write a stretch of a file to the disk, without waiting for it, so that the flush at the end finds little
    /// left to do.
    /// </summary>
    public static void BeginWriteback(SafeFileHandle file, long offset, long count)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SyncFileRange(file, offset, count, SyncFileRangeWrite);
        }
    }

    /// <summary>How many bytes of the disk a file takes, those that are reserved for it beyond its end included; null when unknown.</summary>
    public static unsafe long? AllocatedBytes(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        // struct statx has the same layout everywhere: stx_blocks, in units of 512 bytes, is at offset 48.
        byte* buffer = stackalloc byte[256];
        try
        {
            return StatX(CurrentDirectory, path, 0, StatXBlocks, buffer) == 0 ? *(long*)(buffer + 48) * 512 : null;
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    /// <summary>A second name for a file.</summary>
    /// <returns>Whether it worked; not across file systems, and not on every one.</returns>
    public static bool TryCreateHardLink(string existing, string link) =>
        OperatingSystem.IsWindows() ? CreateHardLink(link, existing, 0) : Link(existing, link) == 0;

    // Variadic in C, which matters only to the third argument, which is not passed.
    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string link);

    [LibraryImport("libc", EntryPoint = "sync_file_range")]
    private static partial int SyncFileRange(SafeFileHandle file, long offset, long count, uint flags);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int StatX(int directory, string path, int flags, uint mask, byte* buffer);

    [LibraryImport("kernel32", EntryPoint = "CreateHardLinkW", StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool CreateHardLink(string link, string existing, nint security);
}
