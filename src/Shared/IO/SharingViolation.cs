namespace SharedSource.IO;

/// <summary>Recognises that a file is open elsewhere, which .NET reports as an <see cref="IOException"/> like any other.</summary>
internal static class SharingViolation
{
    private const int LinuxWouldBlock = 11, MacWouldBlock = 35;
    private const int WindowsSharing = unchecked((int)0x80070020), WindowsLock = unchecked((int)0x80070021);

    /// <summary>Whether somebody else holds the file.</summary>
    public static bool Is(IOException error) =>
        OperatingSystem.IsWindows()
            ? error.HResult is WindowsSharing or WindowsLock
            : error.HResult == (OperatingSystem.IsLinux() ? LinuxWouldBlock : MacWouldBlock);
}
