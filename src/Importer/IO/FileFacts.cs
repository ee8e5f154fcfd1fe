using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Importer.IO;

/// <summary>
/// What the system says of a file without opening it, links followed. Two equal values mean the same file with the same
/// content, as far as length and time of change tell.
/// </summary>
/// <param name="Kind">File, directory, or something that only looks like one.</param>
/// <param name="Length">The content's length in bytes.</param>
/// <param name="Modified">When the content was last changed, in nanoseconds since 1970 (100 ns apart outside Linux).</param>
/// <param name="Device">The file system; 0 outside Linux.</param>
/// <param name="Inode">The file within the file system; 0 outside Linux.</param>
internal readonly partial record struct FileFacts(FileKind Kind, long Length, long Modified, ulong Device, ulong Inode)
{
    private const int CurrentDirectory = -100; // AT_FDCWD
    private const int EmptyPath = 0x1000;
    private const uint BasicStats = 0x7FF;
    private const int NoEntry = 2, AccessDenied = 13, NotADirectory = 20, NameTooLong = 36;

    /// <summary>Looks at a path.</summary>
    /// <returns>Facts whose kind is <see cref="FileKind.Missing"/> when there is nothing.</returns>
    /// <exception cref="UnauthorizedAccessException">A directory on the way may not be searched, so nobody can say.</exception>
    /// <exception cref="IOException">The path leads in circles, is too long, or the disk fails.</exception>
    public static FileFacts Of(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return Portable(path);
        }

        try
        {
            if (Statx(CurrentDirectory, path, 0, BasicStats, out Status status) == 0)
            {
                return From(status);
            }
        }
        catch (EntryPointNotFoundException)
        {
            return Portable(path); // a C library from before 2018
        }

        int error = Marshal.GetLastPInvokeError();
        return error switch
        {
            NoEntry or NotADirectory => default,
            AccessDenied => throw new UnauthorizedAccessException($"Access to the path '{path}' is denied."),
            NameTooLong => throw new PathTooLongException($"The path '{path}' is too long, or a part of it is."),
            _ => throw new IOException($"{Marshal.GetPInvokeErrorMessage(error)} : '{path}'", error),
        };
    }

    /// <summary>Looks at a path among others; what nobody can say anything of, such as a link in circles, counts as missing.</summary>
    public static FileFacts TryOf(string path)
    {
        try
        {
            return Of(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }

    /// <summary>Looks at an open file.</summary>
    /// <returns>Null where the system cannot tell one open file from another.</returns>
    public static FileFacts? Of(SafeFileHandle handle)
    {
        try
        {
            return OperatingSystem.IsLinux() && Statx(handle, "", EmptyPath, BasicStats, out Status status) == 0 ? From(status) : null;
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    private static FileFacts From(in Status status) => new(
        (status.Mode & 0xF000) switch
        {
            0x8000 => FileKind.File,
            0x4000 => FileKind.Directory,
            0x1000 => FileKind.Pipe,
            0xC000 => FileKind.Socket,
            _ => FileKind.Device,
        },
        (long)status.Size,
        unchecked(status.ModifiedSeconds * 1_000_000_000 + status.ModifiedNanoseconds),
        ((ulong)status.DeviceMajor << 32) | status.DeviceMinor,
        status.Inode);

    private static FileFacts Portable(string path)
    {
        if (Directory.Exists(path))
        {
            return new FileFacts(FileKind.Directory, 0, Ticks(Directory.GetLastWriteTimeUtc(path)), 0, 0);
        }

        FileSystemInfo file = new FileInfo(path);
        file = file.ResolveLinkTarget(returnFinalTarget: true) ?? file;
        return file is FileInfo { Exists: true } found
            ? new FileFacts(FileKind.File, found.Length, Ticks(found.LastWriteTimeUtc), 0, 0)
            : default;

        static long Ticks(DateTime time) => (time - DateTime.UnixEpoch).Ticks * 100;
    }

    [SupportedOSPlatform("linux")]
    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, out Status status);

    [SupportedOSPlatform("linux")]
    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(SafeFileHandle file, string path, int flags, uint mask, out Status status);

    /// <summary><c>struct statx</c>, the same on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public ulong Size;

        [FieldOffset(112)]
        public long ModifiedSeconds;

        [FieldOffset(120)]
        public uint ModifiedNanoseconds;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
