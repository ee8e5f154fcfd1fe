namespace Importer.IO;

/// <summary>Room on the disk, asked for before and recognised when it runs out.</summary>
internal static class DiskSpace
{
    /// <summary>Throws when the file system of a directory has less room than is needed. One that does not say is trusted.</summary>
    /// <param name="directory">A directory on that file system.</param>
    /// <param name="bytes">What is needed.</param>
    /// <param name="target">What is to be made there; named in the exception.</param>
    public static void Require(string directory, long bytes, string target)
    {
        long free;
        try
        {
            free = new DriveInfo(directory).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            return;
        }

        if (free < bytes)
        {
            throw new DiskSpaceException(target, bytes, free);
        }
    }

    /// <summary>Whether an error says that the disk is full or a quota used up.</summary>
    public static bool IsExhausted(IOException error) =>
        error.HResult is 28 or 122 or 69 or unchecked((int)0x80070070) or unchecked((int)0x80070027); // ENOSPC, EDQUOT (Linux, macOS), Windows
}
