namespace SharedSource.IO;

/// <summary>Free space, and how a full disk looks.</summary>
internal static class FreeSpace
{
    private const int LinuxFull = 28, LinuxQuota = 122, MacQuota = 69;
    private const int WindowsFull = unchecked((int)0x80070070), WindowsHandleFull = unchecked((int)0x80070027);

    /// <summary>The <see cref="Exception.HResult"/> with which the system itself reports a full disk: ERROR_DISK_FULL, or ENOSPC.</summary>
    public static int ExhaustedCode => OperatingSystem.IsWindows() ? WindowsFull : LinuxFull;

    /// <summary>
    /// The bytes that this user may still write below a directory that need not exist yet; null when the system does not tell.
    /// </summary>
    public static long? Of(string directory)
    {
        try
        {
            string? existing = Path.GetFullPath(directory);
            while (existing is not null && !Directory.Exists(existing))
            {
                existing = Path.GetDirectoryName(existing);
            }

            return existing is null ? null : new DriveInfo(existing).AvailableFreeSpace;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Whether an error says that the disk is full or a quota used up.</summary>
    public static bool IsExhausted(IOException error) =>
        OperatingSystem.IsWindows()
            ? error.HResult is WindowsFull or WindowsHandleFull
            : error.HResult is LinuxFull or WindowsFull || error.HResult == (OperatingSystem.IsMacOS() ? MacQuota : LinuxQuota);
}
