using System.Runtime.InteropServices;

namespace SharedSource.IO;

/// <summary>Second names for files, which .NET does not make.</summary>
internal static partial class HardLink
{
    /// <summary>Makes a second name for a file.</summary>
    /// <returns>Whether it worked; not across file systems, and not on every one.</returns>
    public static bool TryCreate(string existing, string link) =>
        OperatingSystem.IsWindows() ? CreateHardLink(link, existing, 0) : Link(existing, link) == 0;

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string link);

    [LibraryImport("kernel32", EntryPoint = "CreateHardLinkW", StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool CreateHardLink(string link, string existing, nint security);
}
