using System.Runtime.InteropServices;

namespace HuggingFace.Hub.Client;

/// <summary>What .NET does not offer: how much of the disk a file takes.</summary>
internal static partial class NativeMethods
{
    private const int CurrentDirectory = -100;
    private const uint StatXBlocks = 0x400;

    /// <summary>How many bytes of the disk a file takes, those that are reserved for it beyond its end included; null when unknown.</summary>
    public static unsafe long? AllocatedBytes(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        // struct statx has the same layout everywhere: stx_blocks, in units of 512 bytes, is at offset 48.
        byte* buffer = stackalloc byte[256];
        try
        {
            return StatX(CurrentDirectory, path, 0, StatXBlocks, buffer) == 0 ? *(long*)(buffer + 48) * 512 : null;
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int StatX(int directory, string path, int flags, uint mask, byte* buffer);
}
