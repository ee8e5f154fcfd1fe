using System.Runtime.InteropServices;

namespace SharedSource.IO;

/// <summary>Recognises what is opened like a file and is none: opening a pipe waits for a writer, and a device has no end.</summary>
internal static partial class SpecialFile
{
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const uint StatxType = 1;
    private const int TypeMask = 0xF000;
    private const int Pipe = 0x1000, CharacterDevice = 0x2000, BlockDevice = 0x6000, Socket = 0xC000;

    /// <summary>What is at a path, links followed, in words; null for a file, a directory, nothing, and where the system does not say.</summary>
    public static string? Describe(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        try
        {
            return Statx(CurrentDirectory, path, 0, StatxType, out Status status) != 0
                ? null
                : (status.Mode & TypeMask) switch
                {
                    Pipe => "a pipe",
                    Socket => "a socket",
                    CharacterDevice or BlockDevice => "a device",
                    _ => null,
                };
        }
        catch (EntryPointNotFoundException)
        {
            return null; // a C library from before 2018
        }
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, out Status status);

    /// <summary>The part of <c>struct statx</c> that is looked at.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(28)]
        public ushort Mode;
    }
}
