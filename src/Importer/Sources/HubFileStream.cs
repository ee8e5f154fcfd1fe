using HuggingFace.Hub.Client;

namespace Importer.Sources;

/// <summary>A file on the hub as a stream with positions. It is read in blocks, a few of which are kept, because pickles are read in small bites.</summary>
internal sealed class HubFileStream(HubRemoteFile file, CancellationToken cancellationToken) : Stream
{
    private const int BlockBytes = 32 << 10;
    private const int MaxBlocks = 32;

    private readonly Dictionary<long, byte[]> _blocks = [];
    private readonly Queue<long> _order = new();

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => file.Length;

    public override long Position { get; set; }

    /// <summary>Bytes that were fetched.</summary>
    public long BytesFetched { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        if (Position >= Length || buffer.IsEmpty)
        {
            return 0;
        }

        var (number, start) = Math.DivRem(Position, BlockBytes);
        var block = Block(number).AsSpan((int)start);
        int count = Math.Min(block.Length, buffer.Length);
        block[..count].CopyTo(buffer);
        Position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => Length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private byte[] Block(long number)
    {
        if (_blocks.TryGetValue(number, out byte[]? known))
        {
            return known;
        }

        cancellationToken.ThrowIfCancellationRequested();
        long start = number * BlockBytes;
        byte[] block = new byte[Math.Min(BlockBytes, Length - start)];

        // The reader of pickles is synchronous; it runs on a thread of the pool, so nothing waits for this one.
        file.ReadAsync(start, block, cancellationToken).GetAwaiter().GetResult();
        BytesFetched += block.Length;
        if (_order.Count == MaxBlocks)
        {
            _blocks.Remove(_order.Dequeue());
        }

        _order.Enqueue(number);
        return _blocks[number] = block;
    }
}
