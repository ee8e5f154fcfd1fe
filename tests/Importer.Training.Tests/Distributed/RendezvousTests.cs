using System.Net;
using System.Net.Sockets;
using System.Text;
using Importer.Training.Distributed;

namespace Importer.Training.Tests.Distributed;

/// <summary>How ranks find each other, and who is not taken.</summary>
public sealed class RendezvousTests
{
    [Fact]
    public async Task Another_world_size_is_refused_on_both_sides()
    {
        int port = Ranks.FreePort();
        var first = ConnectAsync(Ranks.Options(port, 0, 2));
        var other = ConnectAsync(Ranks.Options(port, 1, 3));

        Assert.Contains("world size is 3 there and 2 at rank 0", Assert.IsType<GroupRefusedException>(await first).Message, StringComparison.Ordinal);
        Assert.Contains("world size is 3 there and 2 at rank 0", Assert.IsType<GroupRefusedException>(await other).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_processes_of_one_rank_are_refused()
    {
        int port = Ranks.FreePort();
        var first = ConnectAsync(Ranks.Options(port, 0, 3));
        using var second = await ProcessGroup.ConnectAsync(Ranks.Options(port, 1, 3));
        var other = await ConnectAsync(Ranks.Options(port, 1, 3));

        Assert.Contains("another process has rank 1 already", Assert.IsType<GroupRefusedException>(await first).Message, StringComparison.Ordinal);
        Assert.Contains("another process has rank 1 already", Assert.IsType<GroupRefusedException>(other).Message, StringComparison.Ordinal);
        Assert.IsType<PeerFailedException>(Record.Exception(second.Barrier));
    }

    [Fact]
    public async Task A_rank_whose_connection_broke_before_all_were_there_comes_again()
    {
        int port = Ranks.FreePort();
        var first = ProcessGroup.ConnectAsync(Ranks.Options(port, 0, 3));
        (await ProcessGroup.ConnectAsync(Ranks.Options(port, 1, 3))).Dispose();
        using var second = await ProcessGroup.ConnectAsync(Ranks.Options(port, 1, 3));
        using var third = await ProcessGroup.ConnectAsync(Ranks.Options(port, 2, 3));
        using var group = await first.WaitAsync(Ranks.Limit);
        await Task.WhenAll(new[] { group, second, third }.Select(rank => Task.Run(rank.Barrier))).WaitAsync(Ranks.Limit);
    }

    [Fact]
    public async Task Who_has_another_token_is_refused_and_the_group_waits_for_its_own()
    {
        int port = Ranks.FreePort();
        var first = ProcessGroup.ConnectAsync(Ranks.Options(port, 0, 2) with { Token = "right" });
        Assert.Contains("token", Assert.IsType<GroupRefusedException>(await ConnectAsync(Ranks.Options(port, 1, 2) with { Token = "wrong" })).Message, StringComparison.Ordinal);
        Assert.IsType<GroupRefusedException>(await ConnectAsync(Ranks.Options(port, 1, 2)));
        using var second = await ProcessGroup.ConnectAsync(Ranks.Options(port, 1, 2) with { Token = "right" });
        using var group = await first.WaitAsync(Ranks.Limit);
        Assert.Equal(2, group.WorldSize);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\n\r\n")]
    [InlineData("")]
    [InlineData("IWG1")]
    [InlineData("IWG1\u0001\0\0\0\u0001\0\0\0\u0002\0\0\0")]
    [InlineData("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0")]
    public async Task Strangers_do_not_keep_the_group_from_meeting(string words)
    {
        int port = Ranks.FreePort();
        var first = ProcessGroup.ConnectAsync(Ranks.Options(port, 0, 2));
        using var stranger = await DialAsync(port);
        stranger.Send(Encoding.Latin1.GetBytes(words));
        using var silent = await DialAsync(port);
        using var second = await ProcessGroup.ConnectAsync(Ranks.Options(port, 1, 2));
        using var group = await first.WaitAsync(Ranks.Limit);
        Assert.Equal(0, group.Rank);
    }

    [Fact]
    public async Task A_port_of_somebody_else_is_passed_over_for_the_next()
    {
        int port = FreePorts();
        using var other = new TcpListener(IPAddress.Loopback, port);
        other.Start();
        var options = Ranks.Options(port, 0, 2) with { PortCount = 3 };
        var first = ProcessGroup.ConnectAsync(options);
        using var second = await ProcessGroup.ConnectAsync(options with { Rank = 1 });
        using var group = await first.WaitAsync(Ranks.Limit);
        Assert.Equal(1, second.Rank);
    }

    [Fact]
    public async Task Groups_of_other_names_are_not_joined()
    {
        int port = FreePorts();
        var options = Ranks.Options(port, 0, 2) with { PortCount = 3 };
        var one = ProcessGroup.ConnectAsync(options with { GroupId = "one" });
        using var probe = await DialAsync(port);
        var two = ProcessGroup.ConnectAsync(options with { GroupId = "two" });
        var second = ProcessGroup.ConnectAsync(options with { GroupId = "two", Rank = 1 });
        (await two.WaitAsync(Ranks.Limit)).Dispose();
        (await second.WaitAsync(Ranks.Limit)).Dispose();
        Assert.False(one.IsCompleted);
        (await ProcessGroup.ConnectAsync(options with { GroupId = "one", Rank = 1 })).Dispose();
        (await one.WaitAsync(Ranks.Limit)).Dispose();
    }

    [Fact]
    public async Task Those_that_do_not_come_are_named_and_the_others_end()
    {
        int port = Ranks.FreePort();
        var first = ConnectAsync(Ranks.Options(port, 0, 4) with { ConnectTimeout = TimeSpan.FromSeconds(2) }, error => error is GroupTimeoutException ? 44 : 1);
        using var second = await ProcessGroup.ConnectAsync(Ranks.Options(port, 2, 4));

        Assert.Contains("did not come within 2 s: 1, 3", Assert.IsType<GroupTimeoutException>(await first).Message, StringComparison.Ordinal);
        var told = Assert.Throws<PeerFailedException>(second.Barrier);
        Assert.Contains("did not come", told.Message, StringComparison.Ordinal);
        Assert.Equal((0, 44), (told.Rank, told.Code));
    }

    [Fact]
    public async Task Without_rank_0_the_others_end()
    {
        var error = await ConnectAsync(Ranks.Options(Ranks.FreePort(), 1, 2) with { ConnectTimeout = TimeSpan.FromSeconds(1) });
        Assert.Contains("found no rank 0", Assert.IsType<GroupTimeoutException>(error).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waiting_is_cancelled()
    {
        using var cancellation = new CancellationTokenSource();
        var first = ProcessGroup.ConnectAsync(Ranks.Options(Ranks.FreePort(), 0, 2), null, cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.WaitAsync(Ranks.Limit));
    }

    [Fact]
    public async Task A_loopback_address_is_all_that_is_listened_at()
    {
        int port = Ranks.FreePort();
        using var cancellation = new CancellationTokenSource();
        var first = ProcessGroup.ConnectAsync(Ranks.Options(port, 0, 2), null, cancellation.Token);
        using (await DialAsync(port))
        {
            using var elsewhere = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            // Still free on another address of this machine.
            elsewhere.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), port));
        }

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.WaitAsync(Ranks.Limit));
    }

    private static int FreePorts()
    {
        int port = Ranks.FreePort();
        return port > 65_500 ? port - 100 : port;
    }

    private static async Task<Socket> DialAsync(int port)
    {
        while (true)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync("127.0.0.1", port);
                return socket;
            }
            catch (SocketException)
            {
                socket.Dispose();
                await Task.Delay(20);
            }
        }
    }

    private static async Task<Exception?> ConnectAsync(ProcessGroupOptions options, Func<Exception, int>? codeOf = null)
    {
        try
        {
            using var group = await ProcessGroup.ConnectAsync(options, codeOf).WaitAsync(Ranks.Limit);
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }
}
