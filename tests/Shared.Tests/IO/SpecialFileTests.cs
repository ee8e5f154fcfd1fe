using System.Diagnostics;
using System.Net.Sockets;
using SharedSource.IO;
using Tests.Shared;

namespace SharedSource.Tests.IO;

public sealed class SpecialFileTests
{
    [SkippableFact]
    public async Task Pipes_sockets_and_devices_are_told_from_files_without_opening_them()
    {
        Skip.IfNot(OperatingSystem.IsLinux());
        using TemporaryDirectory directory = new();
        File.WriteAllText(directory["file"], "");
        File.CreateSymbolicLink(directory["dangling"], directory["nothing"]);
        using (var mkfifo = Process.Start("mkfifo", [directory["pipe"]]))
        {
            await mkfifo.WaitForExitAsync();
        }

        File.CreateSymbolicLink(directory["link"], directory["pipe"]);
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(directory["socket"]));

        Assert.Equal("a pipe", SpecialFile.Describe(directory["pipe"]));
        Assert.Equal("a pipe", SpecialFile.Describe(directory["link"]));
        Assert.Equal("a socket", SpecialFile.Describe(directory["socket"]));
        Assert.Equal("a device", SpecialFile.Describe("/dev/null"));
        Assert.All([directory["file"], directory.Path, directory["nothing"], directory["dangling"]], path => Assert.Null(SpecialFile.Describe(path)));
    }
}
