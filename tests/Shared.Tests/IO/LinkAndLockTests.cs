using SharedSource.IO;
using Tests.Shared;

namespace SharedSource.Tests.IO;

public sealed class LinkAndLockTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_second_name_is_the_same_file()
    {
        File.WriteAllText(_directory["one"], "before");
        Assert.True(HardLink.TryCreate(_directory["one"], _directory["two"]));
        File.WriteAllText(_directory["one"], "after");

        Assert.Equal("after", File.ReadAllText(_directory["two"]));
        Assert.False(HardLink.TryCreate(_directory["one"], _directory["two"]));
        Assert.False(HardLink.TryCreate(_directory["nothing"], _directory["three"]));
    }

    [Fact]
    public void A_file_that_somebody_holds_is_known_from_other_errors()
    {
        using FileStream held = Open("held");

        Assert.True(SharingViolation.Is(Assert.Throws<IOException>(() => Open("held"))));
        Assert.False(SharingViolation.Is(Assert.Throws<DirectoryNotFoundException>(() => Open(Path.Combine("nowhere", "held")))));
    }

    private FileStream Open(string name) => new(_directory[name], FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
}
