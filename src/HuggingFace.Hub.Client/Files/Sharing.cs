namespace HuggingFace.Hub.Client;

/// <summary>Recognises "the file is open elsewhere".</summary>
internal static class Sharing
{
    private const int LinuxWouldBlock = 11, MacWouldBlock = 35;
    private const int WindowsSharing = unchecked((int)0x80070020), WindowsLock = unchecked((int)0x80070021);

    public static bool IsViolation(IOException error) =>
        OperatingSystem.IsWindows()
            ? error.HResult is WindowsSharing or WindowsLock
            : error.HResult == (OperatingSystem.IsLinux() ? LinuxWouldBlock : MacWouldBlock);
}
