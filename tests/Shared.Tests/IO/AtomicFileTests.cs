using SharedSource.IO;
using Tests.Shared;

namespace SharedSource.Tests.IO;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string Target => _directory["file"];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_appears_when_it_is_published(bool flush)
    {
        using (AtomicFile file = AtomicFile.Create(Target, 5, flush))
        {
            RandomAccess.Write(file.Handle, "hello"u8, 0);
            file.Complete();
            Assert.Equal([file.TemporaryPath], Directory.GetFiles(_directory.Path));
            file.Publish(overwrite: false);
        }

        Assert.Equal("hello", File.ReadAllText(Target));
        Assert.Equal([Target], Directory.GetFiles(_directory.Path));
    }

    [Fact]
    public void What_is_not_published_leaves_nothing_and_what_was_there_stays()
    {
        File.WriteAllText(Target, "old");
        using (AtomicFile file = AtomicFile.Create(Target, 3, flush: true))
        {
            RandomAccess.Write(file.Handle, "new"u8, 0);
        }

        Assert.Equal("old", File.ReadAllText(Target));
        Assert.Equal([Target], Directory.GetFiles(_directory.Path));
    }

    [Fact]
    public void A_file_that_is_there_is_only_replaced_where_that_is_wanted()
    {
        File.WriteAllText(Target, "old");
        using (AtomicFile file = AtomicFile.Create(Target, 0, flush: false))
        {
            file.Complete();
            Assert.Throws<IOException>(() => file.Publish(overwrite: false));
        }

        Assert.Equal("old", File.ReadAllText(Target));
        Assert.Equal([Target], Directory.GetFiles(_directory.Path));
        AtomicFile.Write(Target, "new"u8);
        Assert.Equal("new", File.ReadAllText(Target));
    }

    [Fact]
    public void Content_of_any_length_is_streamed()
    {
        byte[] content = new byte[1 << 20];
        Random.Shared.NextBytes(content);

        AtomicFile.Write(Target, stream =>
        {
            stream.Write(content.AsSpan(0, 10));
            stream.Write(content.AsSpan(10));
        });

        Assert.Equal(content, File.ReadAllBytes(Target));
        Assert.Equal([Target], Directory.GetFiles(_directory.Path));
    }

    [Fact]
    public void A_stream_that_fails_leaves_nothing()
    {
        File.WriteAllText(Target, "old");

        var error = Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(Target, stream =>
        {
            stream.Write("half"u8);
            throw new InvalidOperationException("mine");
        }));

        Assert.Equal("mine", error.Message);
        Assert.Equal("old", File.ReadAllText(Target));
        Assert.Equal([Target], Directory.GetFiles(_directory.Path));
    }

    [Theory]
    [InlineData(1L << 60)]
    [InlineData(long.MaxValue)]
    public void More_than_the_disk_has_is_refused_before_anything_is_there(long length)
    {
        IOException error = Assert.Throws<IOException>(() => AtomicFile.Create(Target, length, flush: true));

        Assert.True(FreeSpace.IsExhausted(error));
        Assert.Contains("are needed and", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_directory.Path));
    }

    [Fact]
    public void A_directory_that_is_not_there_is_told()
    {
        Assert.Throws<DirectoryNotFoundException>(() => AtomicFile.Write(_directory["nowhere", "file"], "x"u8));
    }

    [Theory]
    [InlineData("n", 255)]
    [InlineData("ñ", 127)]
    [InlineData("生", 85)]
    public void A_name_as_long_as_the_file_system_allows_is_written(string letter, int count)
    {
        string path = _directory[string.Concat(Enumerable.Repeat(letter, count))];

        AtomicFile.Write(path, "x"u8);

        Assert.Equal([path], Directory.GetFiles(_directory.Path));
    }
}
