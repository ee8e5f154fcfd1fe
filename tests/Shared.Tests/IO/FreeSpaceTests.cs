using SharedSource.IO;
using Tests.Shared;

namespace SharedSource.Tests.IO;

public sealed class FreeSpaceTests
{
    [Fact]
    public void A_directory_that_is_not_there_yet_has_the_room_of_the_one_it_will_be_in()
    {
        using TemporaryDirectory directory = new();

        Assert.True(FreeSpace.Of(directory.Path) > 0);
        Assert.True(FreeSpace.Of(directory["a", "b"]) > 0);
        Assert.Null(FreeSpace.Of("\0"));
    }

    [SkippableFact]
    public void A_full_disk_and_a_used_up_quota_are_known_by_their_codes()
    {
        Skip.IfNot(OperatingSystem.IsLinux());

        Assert.True(FreeSpace.IsExhausted(new IOException("", FreeSpace.ExhaustedCode)));
        Assert.True(FreeSpace.IsExhausted(new IOException("", 122)));
        Assert.False(FreeSpace.IsExhausted(new IOException("", 5)));
        Assert.False(FreeSpace.IsExhausted(new IOException("full")));
    }

    [SkippableFact]
    public void What_the_system_throws_on_a_full_disk_is_known()
    {
        Skip.IfNot(File.Exists("/dev/full"));
        using var full = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);

        Assert.True(FreeSpace.IsExhausted(Assert.Throws<IOException>(() => full.Write([1]))));
    }
}
