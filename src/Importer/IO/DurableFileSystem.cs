using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Importer.IO;

/// <summary>What .NET's file API leaves out for results that must appear whole: directory flush and exchange.</summary>
internal static partial class DurableFileSystem
{
    /// <summary>The <see cref="Exception.HResult"/> of an <see cref="IOException"/> about what is in use, such as by a mount.</summary>
    public const int Busy = 16;

    private const int CurrentDirectory = -100; // AT_FDCWD
    private const uint RenameExchange = 2;
    private const int Interrupted = 4, AccessDenied = 13, Invalid = 22, ReadOnly = 30;

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
            descriptor = OpenDirectory(path, CloseOnExec);
        }
        while (descriptor < 0 && Marshal.GetLastPInvokeError() == Interrupted);

        if (descriptor < 0)
        {
            // One that may be written to but not listed: the names stand, and nothing more can be done for them.
            ThrowUnless(path, AccessDenied);
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

    /// <summary>Makes a directory with all that lead to it, so that they survive a power failure.</summary>
    public static void CreateDirectory(string path)
    {
        var made = new Stack<string>();
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

    /// <summary>Swaps two directories in one step, where the system can.</summary>
    /// <returns>False when it cannot: another system than Linux, or a file system without the operation.</returns>
    public static bool TryExchange(string one, string other)
    {
        try
        {
            return OperatingSystem.IsLinux() && Renameat2(CurrentDirectory, one, CurrentDirectory, other, RenameExchange) == 0;
        }
        catch (EntryPointNotFoundException)
        {
            return false; // a C library from before 2018
        }
    }

    private static void ThrowUnless(string path, int tolerated)
    {
        int error = Marshal.GetLastPInvokeError();
        if (error != tolerated)
        {
            throw new IOException(
                $"The directory {DisplayText.Escape(path)} could not be flushed to disk: {Marshal.GetPInvokeErrorMessage(error)}. What is in it " +
                "may not survive a power failure; check the disk, then run this again.",
                error);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenDirectory(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Renameat2(int fromDirectory, string from, int toDirectory, string to, uint flags);
}
