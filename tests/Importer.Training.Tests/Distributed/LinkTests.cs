using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Importer.Training.Distributed;

namespace Importer.Training.Tests.Distributed;

/// <summary>Frames that may be anything.</summary>
public sealed class LinkTests
{
    private const uint Magic = 0x3147_5749;

    [Theory]
    [InlineData(0x1234_5678, 1, 5, 8)] // no frame
    [InlineData(Magic, 77, 5, 8)] // of no kind
    [InlineData(Magic, 2, 5, 8)] // of another kind
    [InlineData(Magic, 1, 6, 8)] // of another operation
    [InlineData(Magic, 1, 5, 9)] // of another length
    [InlineData(Magic, 1, 5, uint.MaxValue)] // larger than any
    [InlineData(Magic, 1, 5, 0)]
    [InlineData(Magic, 255, 0, 1 << 20)] // a failure that has no end
    public async Task What_does_not_come_next_is_refused_by_name(uint magic, uint kind, uint number, uint length)
    {
        var (link, other) = await PairAsync();
        using (link)
        using (other)
        {
            byte[] frame = new byte[32];
            Header(frame, magic, kind, number, length);
            other.Send(frame);
            Assert.Equal(1, Assert.Throws<GroupProtocolException>(() => link.Receive(FrameKind.Reduce, 5, new byte[8])).Rank);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"rank\":7,\"reason\":\"x\",\"code\":1}")]
    [InlineData("{\"rank\":-1,\"reason\":\"x\",\"code\":1}")]
    [InlineData("{\"rank\":1,\"reason\":7,\"code\":1}")]
    [InlineData("{\"rank\":1,\"rank\":1,\"reason\":\"x\",\"code\":1}")]
    [InlineData("{\"rank\":1,\"reason\":\"x\"}")]
    [InlineData("{\"rank\":1,\"reason\":\"\\ud800\",\"code\":1}")]
    public async Task A_failure_that_cannot_be_read_is_a_failure(string json)
    {
        var (link, other) = await PairAsync();
        using (link)
        using (other)
        {
            byte[] payload = Encoding.UTF8.GetBytes(json), frame = new byte[16 + payload.Length];
            Header(frame, Magic, 255, 0, (uint)payload.Length);
            payload.CopyTo(frame, 16);
            other.Send(frame);
            Assert.Equal(1, Assert.Throws<GroupProtocolException>(() => link.Receive(FrameKind.Reduce, 5, new byte[8])).Rank);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(20)]
    public async Task A_frame_that_breaks_off_is_a_lost_rank(int length)
    {
        var (link, other) = await PairAsync();
        using (link)
        {
            byte[] frame = new byte[24];
            Header(frame, Magic, 1, 5, 8);
            other.Send(frame.AsSpan(0, length));
            other.Dispose();
            Assert.Equal(1, Assert.Throws<PeerLostException>(() => link.Receive(FrameKind.Reduce, 5, new byte[8])).Rank);
        }
    }

    [Fact]
    public async Task Random_bytes_are_never_anything_else_than_a_typed_exception()
    {
        for (int seed = 0; seed < 40; seed++)
        {
            var (link, other) = await PairAsync();
            using (link)
            {
                var random = new Random(seed);
                byte[] bytes = new byte[random.Next(64)];
                random.NextBytes(bytes);
                if (bytes.Length > 8 && seed % 2 == 0)
                {
                    BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
                    BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), (uint)random.Next(5));
                }

                other.Send(bytes);
                other.Dispose();
                Assert.ThrowsAny<ProcessGroupException>(() => link.Receive(FrameKind.Reduce, 5, new byte[8]));
            }
        }
    }

    [Fact]
    public async Task Why_a_rank_failed_is_found_although_it_is_gone()
    {
        var (link, other) = await PairAsync();
        using (link)
        {
            using (var its = new Link(other, 0, 2, null))
            {
                its.Send(FrameKind.Text, 3, "unread"u8);
                its.Abort(1, "Out of memory", 9);
            }

            PeerFailedException? failed = null;
            for (int i = 0; failed is null && i < 100; i++)
            {
                try
                {
                    link.Send(FrameKind.Reduce, 5, new byte[1 << 20]);
                }
                catch (PeerFailedException e)
                {
                    failed = e;
                }
            }

            Assert.Equal("Out of memory", failed?.Reason);
        }
    }

    private static void Header(byte[] frame, uint magic, uint kind, uint number, uint length)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(frame, magic);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(4), kind);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(8), number);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(12), length);
    }

    private static async Task<(Link Link, Socket Other)> PairAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await other.ConnectAsync(listener.LocalEndpoint);
        return (new Link(await listener.AcceptSocketAsync(), 1, 2, TimeSpan.FromSeconds(30)), other);
    }
}
