using System.Buffers;

namespace HuggingFace.Hub.Client;

/// <summary>Downloads a file of which not even the answer tells the size (chunked): one stream, begun anew after each failure.</summary>
internal sealed class UnsizedTransfer(
    RemoteContent content, PartialFile partial, ContentSource source, ProgressTracker.FileProgress progress, RetryRunner retry)
{
    private const int BufferSize = 256 * 1024;

    public async Task<string> RunAsync(RangeBody opened, CancellationToken cancellationToken)
    {
        RangeBody? ready = opened;
        await retry.RunAsync(
            async token =>
            {
                using RangeBody body = Interlocked.Exchange(ref ready, null)
                    ?? await source.OpenAsync(null, null, token).ConfigureAwait(false);
                RandomAccess.SetLength(partial.Data, 0);
                progress.Restart(0);
                await CopyAsync(body, token).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);

        // git's hash begins with the length, which is only known now: read it once more.
        using var hasher = new ContentHasher(content.Hash, RandomAccess.GetLength(partial.Data));
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            long position = 0;
            while (RandomAccess.Read(partial.Data, buffer, position) is > 0 and int count)
            {
                cancellationToken.ThrowIfCancellationRequested();
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

    private async Task CopyAsync(RangeBody body, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            long position = 0;
            while (await body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and int count)
            {
                partial.Write(position, buffer.AsSpan(0, count));
                position += count;
                source.Delivered(count);
                progress.Received(count);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
