using System.Runtime.InteropServices;

namespace Importer.Loading;

/// <summary>
/// Asks for large pages under memory that is about to be filled: on Linux the first touch of 4 KiB pages, not the copy,
/// is what loading costs.
/// </summary>
internal static partial class HugePages
{
    private const nint PageSize = 2 << 20;
    private const int AdviseHugePage = 14;

    /// <summary>A hint; without effect where the system has no such pages.</summary>
    public static void Advise(nint address, long length)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        nint first = (address + PageSize - 1) & ~(PageSize - 1);
        nint end = (nint)(address + length) & ~(PageSize - 1);
        if (end > first)
        {
            _ = Madvise(first, (nuint)(end - first), AdviseHugePage);
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Madvise(nint address, nuint length, int advice);
}
