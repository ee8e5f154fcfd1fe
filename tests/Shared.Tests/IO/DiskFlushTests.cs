using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;
using SharedSource.IO;
using Tests.Shared;

namespace SharedSource.Tests.IO;

public sealed partial class DiskFlushTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Files_and_directories_are_flushed()
    {
        using (SafeFileHandle file = File.OpenHandle(_directory["file"], FileMode.CreateNew, FileAccess.Write))
        {
            RandomAccess.Write(file, [1, 2, 3], 0);
            DiskFlush.BeginWriteback(file, 0, 3);
            DiskFlush.FlushFile(file);
        }

        using (SafeFileHandle file = File.OpenHandle(_directory["file"]))
        {
            DiskFlush.FlushFile(file);
        }

        DiskFlush.FlushDirectory(_directory.Path);
        Assert.True(DiskFlush.TryFlushDirectory(_directory.Path));
        Assert.Equal([1, 2, 3], File.ReadAllBytes(_directory["file"]));
    }

    [SkippableFact]
    public void A_flush_that_the_system_says_has_failed_is_told()
    {
        Skip.IfNot(OperatingSystem.IsLinux());
        File.WriteAllText(_directory["file"], "");
        using SafeFileHandle path = new(Open(_directory["file"], flags: 0x200000), ownsHandle: true); // O_PATH, which cannot be flushed

        IOException error = Assert.Throws<IOException>(() => DiskFlush.FlushFile(path));

        Assert.Equal(9, error.HResult); // EBADF
        Assert.Contains("could not be flushed to disk", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void What_cannot_be_flushed_is_tolerated()
    {
        Skip.IfNot(OperatingSystem.IsLinux());
        using SafeFileHandle device = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Write);

        DiskFlush.FlushFile(device);
    }

    [SkippableFact]
    public void A_directory_that_is_not_there_cannot_be_flushed()
    {
        Skip.If(OperatingSystem.IsWindows());
        string missing = _directory["no\u001bwhere"];

        IOException error = Assert.Throws<IOException>(() => DiskFlush.FlushDirectory(missing));

        Assert.Equal(2, error.HResult); // ENOENT
        Assert.Contains("no\\u001Bwhere\" could not be flushed to disk", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("check the disk, then write it again.", error.Message, StringComparison.Ordinal);
        Assert.False(DiskFlush.TryFlushDirectory(missing));
    }

    [SkippableFact]
    [UnsupportedOSPlatform("windows")]
    public void A_directory_that_may_not_be_listed_keeps_its_names()
    {
        Skip.If(OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "Nothing is forbidden to this user.");
        Directory.CreateDirectory(_directory["dark"]);
        File.SetUnixFileMode(_directory["dark"], UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        DiskFlush.FlushDirectory(_directory["dark"]);
    }

    [Fact]
    public void A_directory_is_made_with_all_that_lead_to_it()
    {
        DiskFlush.CreateDirectory(_directory["a", "b", "c"]);
        DiskFlush.CreateDirectory(_directory["a", "b", "c"]);

        Assert.True(Directory.Exists(_directory["a", "b", "c"]));
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint Open(string path, int flags);
}
