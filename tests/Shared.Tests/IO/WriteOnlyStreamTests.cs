using SharedSource.IO;

namespace SharedSource.Tests.IO;

public sealed class WriteOnlyStreamTests
{
    [Fact]
    public void It_can_be_written_to_until_it_is_closed_and_nothing_else()
    {
        using Bytes stream = new();
        stream.Write([1, 2, 3], 1, 2);
        stream.WriteByte(4);
        stream.Write([5]);
        stream.Flush();

        Assert.Equal([2, 3, 4, 5], stream.Taken);
        Assert.Equal((4, true, false, false), (stream.Position, stream.CanWrite, stream.CanRead, stream.CanSeek));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Write([1], 1, 1));
        Assert.Throws<NotSupportedException>(() => stream.Position = 0);
        Assert.Throws<NotSupportedException>(() => stream.Length);
        Assert.Throws<NotSupportedException>(() => stream.SetLength(0));
        Assert.Throws<NotSupportedException>(() => stream.Seek(0, SeekOrigin.Begin));
        Assert.Throws<NotSupportedException>(() => stream.ReadByte());
        stream.End();
        Assert.False(stream.CanWrite);
    }

    private sealed class Bytes : WriteOnlyStream
    {
        public List<byte> Taken { get; } = [];

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Taken.AddRange(buffer);
            Written += buffer.Length;
        }

        public void End() => IsClosed = true;
    }
}
