using System.Runtime.InteropServices;

namespace Importer.Cli;

/// <summary>What the system refused, in words of our own: .NET's differ between systems and name no remedy.</summary>
internal static class SystemError
{
    // errno on Linux and macOS; HRESULTs on Windows.
    private const int NotPermitted = 1, InputOutput = 5, TryAgain = 11, Busy = 16, Exists = 17, NotADirectory = 20, IsADirectory = 21, TooManyOpen = 24,
        FileTooLarge = 27, NoSpace = 28, ReadOnly = 30, TryAgainMac = 35, NameTooLong = 36, LinkLoop = 40, NameTooLongMac = 63, Quota = 122,
        WriteProtected = unchecked((int)0x80070013), SharingViolation = unchecked((int)0x80070020), DiskFull = unchecked((int)0x80070070);

    /// <summary>Whether the system says that the place may not be written to.</summary>
    public static bool IsReadOnly(IOException error) => error.HResult is ReadOnly or WriteProtected;

    /// <summary>Whether the system says that there is no room.</summary>
    public static bool IsDiskFull(IOException error) => error.HResult is NoSpace or Quota or DiskFull;

    /// <summary>What happened and what to do.</summary>
    public static (string Problem, string Remedy) Describe(Exception error)
    {
        string where = PathIn(error) is { Length: > 0 } path ? path : "a file";
        return error switch
        {
            FileNotFoundException => ($"There is no file {where}", "Check the path."),
            DirectoryNotFoundException => ($"There is no directory for {where}", "Check the path."),
            PathTooLongException => ($"The name {where} is too long for the system", "Choose a shorter one."),
            UnauthorizedAccessException => ($"No permission for {where}", "Check the permissions, or choose another directory."),
            IOException io when IsFromSystem(io) => Describe(io, where),
            _ => (error.Message.TrimEnd('.'), ""),
        };
    }

    private static (string Problem, string Remedy) Describe(IOException error, string where) => error.HResult switch
    {
        ReadOnly or WriteProtected => ($"{where} is on a read-only file system", "Choose another directory, or mount it for writing."),
        NoSpace or Quota or DiskFull => ($"The disk of {where} is full", "Free some room, or choose another directory."),
        Exists or NotADirectory => ($"{where}, or a part of that path, is a file where a directory is needed", "Choose another directory."),
        IsADirectory => ($"{where} is a directory where a file is needed", "Check the path."),
        TryAgain or TryAgainMac or SharingViolation => ($"Another program uses {where}", "Run it again when that is done."),
        Busy => ($"{where} is in use by the system", "Is something mounted there? Choose another directory."),
        InputOutput => ($"The disk of {where} fails (input/output error)", "Look at the system's log before you trust it further."),
        FileTooLarge => ($"{where} would be larger than its file system or a limit of this session allows", "Choose another directory, or raise the limit (ulimit -f)."),
        NameTooLong or NameTooLongMac => ($"The name {where} is too long for the file system", "Choose a shorter one."),
        LinkLoop => ($"{where} is a link that leads in circles", "Check the path."),
        TooManyOpen => ("Too many files are open", "Raise the limit (ulimit -n)."),
        NotPermitted => ($"No permission for {where}", "Check the permissions, or choose another directory."),
        > 0 and < 200 => ($"{where}: {Marshal.GetPInvokeErrorMessage(error.HResult)}", "Check the disk and the path."),
        _ => (error.Message.TrimEnd('.'), ""),
    };

    // Our own libraries say more than a code, and keep it only for those who look.
    private static bool IsFromSystem(IOException error) =>
        error.GetType() == typeof(IOException) && (error.Message.EndsWith('\'') || error.Message.Contains(" '", StringComparison.Ordinal));

    private static string? PathIn(Exception error)
    {
        if (error is FileNotFoundException { FileName: { Length: > 0 } name })
        {
            return name;
        }

        // .NET keeps the path only in the message, between single quotes.
        int first = error.Message.IndexOf('\'', StringComparison.Ordinal), last = error.Message.LastIndexOf('\'');
        return last > first + 1 ? error.Message[(first + 1)..last] : null;
    }
}
