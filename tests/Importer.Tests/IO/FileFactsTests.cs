using System.Diagnostics;
using System.Net.Sockets;
using Importer.IO;
using Tests.Shared;

namespace Importer.Tests.IO;

public sealed class FileFactsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_file_is_known_by_its_length_and_time_through_a_link_too()
    {
        File.WriteAllText(_directory["a"], "12345");
        File.CreateSymbolicLink(_directory["link"], _directory["a"]);
        var facts = FileFacts.Of(_directory["a"]);

        Assert.Equal((FileKind.File, 5), (facts.Kind, facts.Length));
        Assert.Equal((File.GetLastWriteTimeUtc(_directory["a"]) - DateTime.UnixEpoch).Ticks, facts.Modified / 100);
        Assert.Equal(facts, FileFacts.Of(_directory["link"]));

        File.WriteAllText(_directory["a"], "123456");
        Assert.NotEqual(facts, FileFacts.Of(_directory["a"]));
    }

    [SkippableFact]
    public void A_file_put_in_the_place_of_an_equal_one_is_another()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "inodes");
        File.WriteAllText(_directory["a"], "12345");
        File.WriteAllText(_directory["b"], "54321");
        File.SetLastWriteTimeUtc(_directory["a"], DateTime.UnixEpoch);
        File.SetLastWriteTimeUtc(_directory["b"], DateTime.UnixEpoch);
        var before = FileFacts.Of(_directory["a"]);

        File.Move(_directory["b"], _directory["a"], overwrite: true);

        Assert.Equal((before.Length, before.Modified), (FileFacts.Of(_directory["a"]).Length, FileFacts.Of(_directory["a"]).Modified));
        Assert.NotEqual(before, FileFacts.Of(_directory["a"]));
    }

    [Fact]
    public void Nothing_a_directory_and_a_link_to_nothing_are_told_apart()
    {
        File.CreateSymbolicLink(_directory["dangling"], _directory["nowhere"]);
        File.WriteAllText(_directory["file"], "");

        Assert.Equal(FileKind.Missing, FileFacts.Of(_directory["nowhere"]).Kind);
        Assert.Equal(FileKind.Missing, FileFacts.Of(_directory["file", "below"]).Kind);
        Assert.Equal(FileKind.Missing, FileFacts.Of(_directory["dangling"]).Kind);
        Assert.Equal(FileKind.Directory, FileFacts.Of(_directory.Path).Kind);
    }

    [SkippableFact]
    public void What_is_no_file_is_not_opened()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "pipes, sockets, devices");
        using (var mkfifo = Process.Start("mkfifo", [_directory["pipe"]]))
        {
            mkfifo.WaitForExit();
        }

        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_directory["socket"]));

        foreach (var (path, kind, word) in new[]
        {
            (_directory["pipe"], FileKind.Pipe, "named pipe"), (_directory["socket"], FileKind.Socket, "socket"),
            ("/dev/zero", FileKind.Device, "device"), (_directory.Path, FileKind.Directory, "directory"),
        })
        {
            Assert.Equal(kind, FileFacts.Of(path).Kind);
            Assert.Contains(word, Assert.Throws<NotAFileException>(() => RegularFile.Open(path)).Message, StringComparison.Ordinal);
            Assert.Throws<NotAFileException>(() => RegularFile.Exists(path));
        }
    }

    [SkippableFact]
    public void A_link_in_circles_is_an_error_and_among_others_nothing()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "links");
        File.CreateSymbolicLink(_directory["a"], _directory["b"]);
        File.CreateSymbolicLink(_directory["b"], _directory["a"]);

        Assert.Throws<IOException>(() => FileFacts.Of(_directory["a"]));
        Assert.Equal(default, FileFacts.TryOf(_directory["a"]));
    }
}
