using System.Runtime.InteropServices;

namespace Importer.IO;

/// <summary>What .NET's file API leaves out for results that must appear whole: directory flush and exchange.</summary>
internal static partial class DurableFileSystem
{
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const uint RenameExchange = 2;

    /// <summary>Makes the names in a directory survive a power failure. A no-op on Windows, where the rename itself does.</summary>
    public static void FlushDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int descriptor = OpenDirectory(path, 0);
        if (descriptor < 0)
        {
            return; // a file system that does not let a directory be opened does not let it be flushed either
        }

        _ = Fsync(descriptor);
        _ = Close(descriptor);
    }

    /// <summary>Swaps two directories in one step, where the system can.</summary>
    /// <returns>False when it cannot: another system than Linux, or a file system without the operation.</returns>
    public static bool TryExchange(string one, string other) =>
        OperatingSystem.IsLinux() && Renameat2(CurrentDirectory, one, CurrentDirectory, other, RenameExchange) == 0;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenDirectory(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Renameat2(int fromDirectory, string from, int toDirectory, string to, uint flags);
}
