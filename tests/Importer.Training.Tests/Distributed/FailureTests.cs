using System.Text.Json.Nodes;
using Importer.Training.Distributed;

namespace Importer.Training.Tests.Distributed;

/// <summary>Ranks that fail, die, or do something else: all end, and say whose fault it was.</summary>
public sealed class FailureTests
{
    public static TheoryData<string> Operations => ["all-reduce", "large all-reduce", "broadcast", "barrier", "gather"];

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task An_exception_of_one_rank_ends_all_with_its_reason(string operation)
    {
        var errors = await Ranks.TryAsync(3, group =>
        {
            group.Barrier();
            if (group.Rank == 1)
            {
                throw new InvalidOperationException("The moon is full");
            }

            for (int i = 0; i < 3; i++)
            {
                Do(operation, group);
            }

            group.Barrier();
        });

        Assert.IsType<InvalidOperationException>(errors[1]);
        foreach (int rank in (int[])[0, 2])
        {
            var failed = Assert.IsType<PeerFailedException>(errors[rank]);
            Assert.Equal((1, "The moon is full", 41), (failed.Rank, failed.Reason, failed.Code));
            Assert.Contains("Rank 1 failed: The moon is full", failed.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_failure_of_rank_0_reaches_all()
    {
        var errors = await Ranks.TryAsync(3, group =>
        {
            group.Barrier();
            if (group.IsFirst)
            {
                throw new IOException("No space left");
            }

            group.AllReduce(new float[3_000_000]);
        });

        Assert.All(errors[1..], error => Assert.Equal((0, 40), (Assert.IsType<PeerFailedException>(error).Rank, ((PeerFailedException)error!).Code)));
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task A_rank_that_dies_is_noticed_by_its_connection(string operation)
    {
        var errors = await Ranks.TryAsync(3, group =>
        {
            group.Barrier();
            if (group.Rank == 2)
            {
                group.Dispose();
                return;
            }

            for (int i = 0; i < 3; i++)
            {
                Do(operation, group);
            }

            group.Barrier();
        });

        Assert.Equal(2, Assert.IsType<PeerLostException>(errors[0]).Rank);
        Assert.Equal(0, Assert.IsType<PeerFailedException>(errors[1]).Rank);
        Assert.Contains("connection to rank 2 ended", errors[1]!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ranks_that_do_different_things_are_told_so()
    {
        var errors = await Ranks.TryAsync(2, group =>
        {
            if (group.IsFirst)
            {
                group.AllReduce(new float[8]);
            }
            else
            {
                group.AllReduce(new float[9]);
            }
        });

        Assert.Equal(1, Assert.IsType<GroupProtocolException>(errors[0]).Rank);
        Assert.Contains("36 bytes instead of 32", errors[0]!.Message, StringComparison.Ordinal);
        Assert.IsType<PeerFailedException>(errors[1]);
    }

    [Fact]
    public async Task Values_that_differ_are_named_with_their_ranks()
    {
        var errors = await Ranks.TryAsync(3, group => group.Agree("settings", new JsonObject
        {
            ["learning_rate"] = group.Rank == 2 ? 3e-4 : 6e-4,
            ["seed"] = 1337,
            [group.Rank == 1 ? "only\u001b1" : "both"] = true,
        }));

        var refused = Assert.IsType<GroupRefusedException>(errors[0]);
        Assert.Contains("learning_rate: rank 2 has 0.0003, and rank 0 has 0.0006", refused.Differences);
        Assert.Contains(refused.Differences, difference => difference.Contains("rank 1 has true, and rank 0 has nothing", StringComparison.Ordinal));
        Assert.DoesNotContain("\u001b", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(refused.Differences, difference => difference.StartsWith("seed", StringComparison.Ordinal));
        Assert.All(errors[1..], error => Assert.Contains("learning_rate", Assert.IsType<PeerFailedException>(error).Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_operation_has_the_time_that_it_is_given()
    {
        int port = Ranks.FreePort();
        using var held = new ManualResetEventSlim();
        var silent = Task.Run(async () =>
        {
            using var group = await ProcessGroup.ConnectAsync(Ranks.Options(port, 1, 2));
            held.Wait(Ranks.Limit);
        });
        using (var group = await ProcessGroup.ConnectAsync(Ranks.Options(port, 0, 2) with { OperationTimeout = TimeSpan.FromMilliseconds(300) }))
        {
            Assert.Contains("Rank 1 has sent nothing", Assert.Throws<GroupTimeoutException>(group.Barrier).Message, StringComparison.Ordinal);
        }

        held.Set();
        await silent.WaitAsync(Ranks.Limit);
    }

    [Fact]
    public async Task A_process_that_takes_nothing_has_no_more_time_than_it_is_given()
    {
        int port = Ranks.FreePort();
        using var held = new ManualResetEventSlim();
        var deaf = Task.Run(async () =>
        {
            using var group = await ProcessGroup.ConnectAsync(Ranks.Options(port, 1, 2));
            held.Wait(Ranks.Limit);
        });
        using (var group = await ProcessGroup.ConnectAsync(Ranks.Options(port, 0, 2) with { OperationTimeout = TimeSpan.FromMilliseconds(300) }))
        {
            var error = await Task.Run(() => Record.Exception(() => group.Broadcast(new byte[256 << 20]))).WaitAsync(Ranks.Limit);
            Assert.Contains("Rank 1 has taken nothing", Assert.IsType<GroupTimeoutException>(error).Message, StringComparison.Ordinal);
        }

        held.Set();
        await deaf.WaitAsync(Ranks.Limit);
    }

    [Theory]
    [InlineData(20, null)] // killed between a frame's head and its end
    [InlineData(ProcessGroup.BucketBytes + 40, null)] // and in the second
    [InlineData(0, "GET / HTTP/1.1\r\n\r\n")]
    public async Task Half_a_sum_ends_all_and_names_who_sent_it(int length, string? words)
    {
        int port = Ranks.FreePort();
        var options = Ranks.Options(port, 1, 3);
        var broken = Task.Run(async () =>
        {
            using var socket = await HandshakeAsync(options);
            byte[] bytes = words is null ? Frames(length) : System.Text.Encoding.ASCII.GetBytes(words);
            socket.Send(bytes);
            socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
            byte[] rest = new byte[1 << 16];
            try
            {
                while (socket.Receive(rest) > 0)
                {
                }
            }
            catch (System.Net.Sockets.SocketException)
            {
            }
        });
        var errors = await Task.WhenAll(new[] { 0, 2 }.Select(rank => Task.Run(async () =>
        {
            using var group = await ProcessGroup.ConnectAsync(Ranks.Options(port, rank, 3));
            var error = Record.Exception(() => group.AllReduce(new float[3 * ProcessGroup.BucketBytes / sizeof(float)]));
            group.Fail(error!);
            return error;
        }))).WaitAsync(Ranks.Limit);
        await broken.WaitAsync(Ranks.Limit);

        Assert.Equal(1, errors[0] is PeerLostException lost ? lost.Rank : Assert.IsType<GroupProtocolException>(errors[0]).Rank);
        Assert.Equal(words is null, errors[0] is PeerLostException);
        Assert.Equal(0, Assert.IsType<PeerFailedException>(errors[1]).Rank);
    }

    [Fact]
    public async Task One_that_failed_stays_until_rank_0_has_ended()
    {
        int port = Ranks.FreePort();
        var connecting = ProcessGroup.ConnectAsync(Ranks.Options(port, 0, 2));
        using var second = await ProcessGroup.ConnectAsync(Ranks.Options(port, 1, 2));
        using var first = await connecting.WaitAsync(Ranks.Limit);
        var leaving = Task.Run(() => second.Fail(new IOException("No such file"), Ranks.Limit));
        Assert.Throws<PeerFailedException>(first.Barrier);

        // Here rank 0 saves.
        Assert.False(leaving.IsCompleted);
        first.Dispose();
        await leaving.WaitAsync(Ranks.Limit / 2);
    }

    private static async Task<System.Net.Sockets.Socket> HandshakeAsync(ProcessGroupOptions options)
    {
        while (true)
        {
            var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(options.Address, options.Port);
                Assert.True(await Handshake.SendAsync(new System.Net.Sockets.NetworkStream(socket, ownsSocket: false), options, CancellationToken.None));
                return socket;
            }
            catch (System.Net.Sockets.SocketException)
            {
                socket.Dispose();
                await Task.Delay(20);
            }
        }
    }

    // So many bytes of what a sum of several buckets begins with.
    private static byte[] Frames(int length)
    {
        byte[] bytes = new byte[length];
        for (int at = 0, number = 0; at < length; at += 16 + ProcessGroup.BucketBytes, number++)
        {
            byte[] head = new byte[16];
            "IWG1"u8.CopyTo(head);
            head[4] = (byte)FrameKind.Reduce;
            head[8] = (byte)number;
            System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(12), ProcessGroup.BucketBytes);
            head.AsSpan(0, Math.Min(16, length - at)).CopyTo(bytes.AsSpan(at));
        }

        return bytes;
    }

    private static void Do(string operation, ProcessGroup group)
    {
        switch (operation)
        {
            case "all-reduce":
                group.AllReduce(new float[10]);
                break;
            case "large all-reduce":
                group.AllReduce(new float[5_000_000]);
                break;
            case "broadcast":
                group.Broadcast(new byte[6_000_000]);
                group.Barrier();
                break;
            case "gather":
                group.GatherText("text");
                group.BroadcastText("answer");
                break;
            default:
                group.Barrier();
                break;
        }
    }
}
