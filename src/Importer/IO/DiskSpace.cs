using SharedSource.IO;

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
        if (FreeSpace.Of(directory) is { } free && free < bytes)
        {
            throw new DiskSpaceException(target, bytes, free);
        }
    }

    /// <summary>Whether an error says that the disk is full or a quota used up.</summary>
    public static bool IsExhausted(IOException error) => FreeSpace.IsExhausted(error);
}
