using System.Buffers;
using System.Threading.Channels;
using Microsoft.Win32.SafeHandles;

namespace HuggingFace.Hub.Client;

/// <summary>
/// Hashes a file from its beginning as far as it is there, while the rest arrives. It reads back what is on the disk (from the page cache,
/// right after it was written) instead of listening to the network: the hash then vouches for the file itself, also for bytes that an
/// earlier download left.
/// </summary>
internal sealed class PrefixHasher(SafeFileHandle file, RangeMap map, ContentHash kind)
{
    private const int BufferSize = 256 * 1024;

    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>More bytes have been written.</summary>
    public void Notify() => _news.Writer.TryWrite(true);

    /// <summary>The hash of the whole; ends when all bytes are there.</summary>
    public Task<string> RunAsync(CancellationToken cancellationToken) => Task.Run(() => HashAsync(cancellationToken), cancellationToken);

    private async Task<string> HashAsync(CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            using var hasher = new ContentHasher(kind, map.Size);
            long position = 0;
            int block = 0;
            while (position < map.Size)
            {
                cancellationToken.ThrowIfCancellationRequested();
                while (block + 1 < map.BlockCount && position == map.Bounds(block).End)
                {
                    block++;
                }

                int ready = (int)Math.Min(BufferSize, map.Reached(block) - position);
                if (ready <= 0)
                {
                    await _news.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                    continue;
                }

                int count = RandomAccess.Read(file, buffer.AsSpan(0, ready), position);
                if (count == 0)
                {
                    // Someone cut the file; the hash of what is left cannot be right.
                    return "";
                }

                hasher.Append(buffer.AsSpan(0, count));
                position += count;
            }

            return hasher.Finish();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
