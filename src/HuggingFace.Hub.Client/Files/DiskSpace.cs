namespace HuggingFace.Hub.Client;

/// <summary>Free space, and how a full disk looks.</summary>
internal static class DiskSpace
{
    private const int LinuxFull = 28, LinuxQuota = 122, MacQuota = 69;
    private const int WindowsFull = unchecked((int)0x80070070), WindowsHandleFull = unchecked((int)0x80070027);

    /// <summary>
    /// The bytes that this user may still write below a directory that need not exist yet; null when the system does not tell.
    /// </summary>
    public static long? Available(string directory)
    {
        string? existing = Path.GetFullPath(directory);
        while (existing is not null && !Directory.Exists(existing))
        {
            existing = Path.GetDirectoryName(existing);
        }

        try
        {
            return existing is null ? null : new DriveInfo(existing).AvailableFreeSpace;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    public static bool IsFull(IOException error) =>
        OperatingSystem.IsWindows()
            ? error.HResult is WindowsFull or WindowsHandleFull
            : error.HResult is LinuxFull or WindowsFull || error.HResult == (OperatingSystem.IsMacOS() ? MacQuota : LinuxQuota);
}
