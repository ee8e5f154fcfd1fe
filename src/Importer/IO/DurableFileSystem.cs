using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using SharedSource.IO;

namespace Importer.IO;

/// <summary>What .NET's file API leaves out for results that must appear whole.</summary>
internal static partial class DurableFileSystem
{
    /// <summary>The <see cref="Exception.HResult"/> of an <see cref="IOException"/> about what is in use, such as by a mount.</summary>
    public const int Busy = 16;

    private const int CurrentDirectory = -100; // AT_FDCWD
    private const uint RenameExchange = 2;

    /// <inheritdoc cref="DiskFlush.FlushFile"/>
    public static void FlushFile(SafeFileHandle file) => DiskFlush.FlushFile(file);

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

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Renameat2(int fromDirectory, string from, int toDirectory, string to, uint flags);
}
