namespace SafeTensorSharp;

/// <summary>Bytes with positions. The one place through which every byte of a file is read, so that tests can count and cut.</summary>
internal abstract class ByteSource : IDisposable
{
    public abstract string? Path { get; }

    /// <summary>The length at this moment.</summary>
    public abstract long Length { get; }

    /// <summary>Reads up to <c>destination.Length</c> bytes; 0 only at the end of the file.</summary>
    public abstract int Read(Span<byte> destination, long position);

    /// <inheritdoc cref="Read"/>
    public abstract ValueTask<int> ReadAsync(Memory<byte> destination, long position, CancellationToken cancellationToken);

    /// <summary>Reads until the destination is full or the file ends.</summary>
    /// <returns>The number of bytes read.</returns>
    public int ReadFully(Span<byte> destination, long position)
    {
        int total = 0;
        while (total < destination.Length)
        {
            int read = Read(destination[total..], position + total);
            if (read == 0)
            {
                break;
            }

            total += read;
        }

        return total;
    }

    /// <inheritdoc cref="ReadFully"/>
    public async ValueTask<int> ReadFullyAsync(Memory<byte> destination, long position, CancellationToken cancellationToken)
    {
        int total = 0;
        while (total < destination.Length)
        {
            int read = await ReadAsync(destination[total..], position + total, cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                break;
            }

            total += read;
        }

        return total;
    }

    public abstract void Dispose();
}
