using SharedSource.IO;

namespace CheckpointStorage.IO;

/// <summary>What the system's errors mean.</summary>
internal static class StoreErrors
{
    /// <summary>Whether an error is the file system's rather than a fault of the program.</summary>
    public static bool IsFileSystem(Exception error) => error is IOException or UnauthorizedAccessException or System.Security.SecurityException;

    /// <summary>Whether an error says that the disk is full or a quota used up.</summary>
    public static bool IsDiskFull(Exception? error) => error is IOException io && FreeSpace.IsExhausted(io);
}
